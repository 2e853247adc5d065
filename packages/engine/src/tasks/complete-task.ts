import { type CompleteReply } from '@joinery/store';
import { lettersOf } from '../letters/addressed-letter.ts';
import { type Carried, carryDecision } from './carry-decision.ts';
import { type ClaimedTask } from './claim-task.ts';
import { noteCall } from '../circuits/note-call.ts';
import { type Engine } from '../engine.ts';
import { claimedWith, continueWith, type ContinuedDecision, type GoOn } from './go-on.ts';
import { relayLetters } from '../letters/relay-letters.ts';
import { storeResult, type TaskResult } from './store-result.ts';

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
  if (holding === undefined) return storeResult(engine, result);
  const { carried, continued } = await planCarried(engine, holding, result);
  const since = engine.clock.now();
  const reply = await storeResult(engine, result, carried);
  await noteCall(engine, holding.claimed.row, result);
  if (reply.type !== 'decided' || carried === null) return reply;
  await engine.crashPoint?.('after-commit');
  engine.meters.decided('carried');
  engine.sizeWatch.note(holding.claimed.run, carried.commands);
  await relayLetters(engine, lettersOf(carried.after, carried.commands), since);
  if (continued === null) return reply;
  const { aheadMs } = holding.claimed;
  return { ...reply, next: claimedWith(continued, { ...reply, aheadMs }) };
}

interface CarriedPlan {
  readonly carried: Carried | null;
  readonly continued: ContinuedDecision | null;
}

async function planCarried(
  engine: Engine,
  { claimed, goOn }: Holding,
  result: TaskResult,
): Promise<CarriedPlan> {
  const carried = await carryDecision(engine, claimed, result);
  const continued = carried === null || goOn === null ? null : continueWith(carried, goOn);
  return { carried: continued?.carried ?? carried, continued };
}
