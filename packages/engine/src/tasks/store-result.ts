import { type CarriedDecision, type CompleteArgs, type CompleteReply } from '@joinery/store';
import { type Engine } from '../engine.ts';
import { nudge } from '../letters/nudge.ts';

/** The result of an attempt, as its claim's holder hands it in. */
export type TaskResult = Omit<CompleteArgs, 'actor' | 'carried'>;

/**
 * Stores the result of an attempt, and wakes a coordinator when somebody must decide. The first result wins; a late or
 * stale one changes nothing and is answered `stale`. May be repeated after an error.
 */
export async function storeResult(
  engine: Engine,
  result: TaskResult,
  carried: CarriedDecision | null = null,
  actor = engine.actor('complete-task'),
): Promise<CompleteReply> {
  const reply = await engine.store.complete({
    ...result,
    ...(carried !== null && { carried }),
    actor,
  });
  await engine.crashPoint?.('after-complete');
  if (reply.type === 'stale') engine.meters.staleResult();
  if ('isDirty' in reply && reply.isDirty) await nudge(engine, [result.runId]);
  return reply;
}
