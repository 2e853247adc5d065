import { type RunId, type TaskKey } from '@joinery/core';
import { type CompleteArgs, type CompleteReply } from '@joinery/store';
import { type Carried, carryDecision } from './carry-decision.ts';
import { type ClaimedTask } from './claim-task.ts';
import { type Engine } from './engine.ts';
import { claimedWith, continueWith, type ContinuedDecision, type GoOn } from './go-on.ts';
import { lettersOf } from './addressed-letter.ts';
import { relayLetters } from './relay-letters.ts';

/** The result of an attempt, as its claim's holder hands it in. */
export type TaskResult = Omit<CompleteArgs, 'actor' | 'carried'>;

/** What a worker has in hand when it hands in a result. Without it, the result is stored alone. */
export interface Holding {
  readonly claimed: ClaimedTask;
  /** Null: the worker wants no further task. */
  readonly goOn: GoOn | null;
}

/** What became of a result, and the task with which the worker goes on. */
export type Completion = CompleteReply & { readonly next?: ClaimedTask };

/**
 * Stores the result of an attempt, together with what follows from it where that is known here; wakes a coordinator when
 * somebody must decide. The first result wins; a late or stale one changes nothing and is answered `stale`. May be
 * repeated after an error, with a decision made anew: the first that was applied stands.
 */
export async function completeTask(
  engine: Engine,
  result: TaskResult,
  holding?: Holding,
): Promise<Completion> {
  const plan = holding === undefined ? NOTHING : await planCarried(engine, holding, result);
  const { carried, continued } = plan;
  const since = engine.clock.now();
  const reply = await engine.store.complete({
    ...result,
    ...(carried !== null && { carried }),
    actor: engine.actor('complete-task'),
  });
  await engine.crashPoint?.('after-complete');
  if (reply.type === 'stale') engine.meters.staleResult();
  if (reply.type === 'decided' && carried !== null) {
    await engine.crashPoint?.('after-commit');
    engine.meters.decided('carried');
    await relayLetters(engine, lettersOf(carried.after, carried.commands), since);
  }
  if ('isDirty' in reply && reply.isDirty) await nudge(engine, [result.runId]);
  if (reply.type !== 'decided' || continued === null || holding === undefined) return reply;
  const { aheadMs } = holding.claimed;
  return { ...reply, next: claimedWith(continued, { ...reply, aheadMs }) };
}

interface CarriedPlan {
  readonly carried: Carried | null;
  readonly continued: ContinuedDecision | null;
}

const NOTHING: CarriedPlan = { carried: null, continued: null };

async function planCarried(
  engine: Engine,
  { claimed, goOn }: Holding,
  result: TaskResult,
): Promise<CarriedPlan> {
  const carried = await carryDecision(engine, claimed, result);
  const continued = carried === null || goOn === null ? null : continueWith(carried, goOn);
  return { carried: continued?.carried ?? carried, continued };
}

/** Ends an attempt that was delivered too often without a result. `token` is the claim that the store made for it. */
export async function completePoison(
  engine: Engine,
  task: { readonly runId: RunId; readonly key: TaskKey; readonly attempt: number },
  { token, deliveries }: { readonly token: string; readonly deliveries: number },
): Promise<void> {
  const reply = await completeTask(engine, {
    ...task,
    token,
    status: 'FAILED_WITH_TERMINAL_ERROR',
    output: {},
    reason: `WORKER_LOST: delivered ${deliveries} times without a result`,
  });
  if (reply.type !== 'stored') return;
  engine.meters.repaired('poison');
  engine.logger.error(
    {
      event: 'task.poisoned',
      runId: task.runId,
      taskRef: task.key,
      attempt: task.attempt,
      count: deliveries,
    },
    'an attempt ended every worker that took it, and is not delivered again',
  );
}

/** Wakes a coordinator. A hint: when it cannot be given, the sweeper finds the runs. */
export async function nudge(engine: Engine, runIds: readonly RunId[]): Promise<void> {
  if (runIds.length === 0) return;
  await engine.crashPoint?.('before-nudge');
  try {
    await engine.nudges.push(runIds);
  } catch (err) {
    engine.logger.warn(
      { event: 'nudge.lost', count: runIds.length, err },
      'coordinators could not be woken; the sweeper finds the runs',
    );
  }
}
