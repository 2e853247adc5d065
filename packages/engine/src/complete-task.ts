import { type RunId, type TaskKey } from '@joinery/core';
import { type CompleteArgs, type CompleteReply } from '@joinery/store';
import { type Engine } from './engine.ts';

/** The result of an attempt, as its claim's holder hands it in. */
export type TaskResult = Omit<CompleteArgs, 'actor'>;

/**
 * Stores the result of an attempt, and wakes a coordinator when somebody must decide. The first result wins; a late or
 * stale one changes nothing and is answered `stale`. May be repeated after an error.
 */
export async function completeTask(engine: Engine, result: TaskResult): Promise<CompleteReply> {
  const reply = await engine.store.complete({ ...result, actor: engine.actor('complete-task') });
  await engine.crashPoint?.('after-complete');
  if (reply.type === 'stale') engine.meters.staleResult();
  if ((reply.type === 'stored' || reply.type === 'repeated') && reply.isDirty) {
    await nudge(engine, [result.runId]);
  }
  return reply;
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
