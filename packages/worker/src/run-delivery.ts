/**
 * A delivery from claim to end.
 * Invariants:
 *  R1 it ends in one way: its result is sent, or it is handed back, or it is left to the sweeper because it was lost.
 *  R2 after an interruption the slot is free again within a bound, even if the handler ignores its signal.
 *  R3 a result that was reached in spite of an interruption is sent: the store knows whether it still counts.
 */
import { settlesWithin } from '@joinery/kit';
import type { ClaimDesk, Delivery, DeliveryEnd } from './claim-desk.ts';
import { type HandlerEnd, runHandler } from './run-handler.ts';
import { sendResult } from './send-result.ts';
import { interruptOf, type TaskContext } from './task-context.ts';

/** Runs the handler and brings the delivery to its end; answers what comes next here. Never rejects. */
export async function runDelivery(desk: ClaimDesk, delivery: Delivery): Promise<DeliveryEnd> {
  const { task, claim, claimed, logger } = delivery;
  // Claimed while the worker was being stopped: running it would only delay the hand-over.
  const handling = claim.signal.aborted
    ? Promise.resolve<HandlerEnd>({ type: 'interrupted' })
    : runHandler(task, desk.verbs.reveal(claimed), contextOf(delivery));
  const end = await endOf(desk, delivery, handling);
  if (end.type === 'outcome') {
    claim.finish();
    return sendResult(desk, delivery, end);
  }
  const cause = interruptOf(claim.signal);
  desk.metrics.interrupts.add({ task_type: task.type, cause });
  if (cause === 'shutdown') await handBack(desk, delivery);
  else
    logger.warn({ event: 'handler.interrupted' }, 'a handler stopped because its claim was lost');
  return { next: null, isForgotten: cause === 'claim-lost' };
}

/** How the handler ended; one that is interrupted gets a while to do so. */
async function endOf(
  desk: ClaimDesk,
  { claim, logger }: Delivery,
  handling: Promise<HandlerEnd>,
): Promise<HandlerEnd> {
  const { signal } = claim;
  const first = await Promise.race([handling, firing(signal)]);
  if (first !== 'fired') return first;
  const { handBackAfterMs, abandonAfterMs } = desk.timings;
  const limitMs = interruptOf(signal) === 'shutdown' ? handBackAfterMs : abandonAfterMs;
  if (await settlesWithin(handling, limitMs)) return handling;
  const fields = { event: 'handler.abandoned', durationMs: limitMs };
  logger.warn(
    fields,
    'a handler ignores its signal; it is left running, and its result is dropped',
  );
  return { type: 'interrupted' };
}

async function firing(signal: AbortSignal): Promise<'fired'> {
  if (signal.aborted) return 'fired';
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('fired'), { once: true });
  });
}

async function handBack(desk: ClaimDesk, { claim, claimed, logger }: Delivery): Promise<void> {
  const { runId, key, attempt, token } = claim;
  const { definition, traceId } = claimed.run;
  const { dispatch } = claimed.row;
  try {
    await desk.verbs.handBack({ runId, key, attempt, dispatch, token, definition, traceId });
    logger.info({ event: 'claim.handed-back' }, 'an unfinished attempt was handed back');
  } catch (err) {
    const fields = { event: 'hand-back.failed', err };
    logger.warn(
      fields,
      'an attempt could not be handed back; it is sent again when its lease ends',
    );
  }
}

function contextOf({ claim, claimed, logger }: Delivery): TaskContext {
  const { row, fencingToken } = claimed;
  const { traceId } = claimed.run;
  return {
    runId: claim.runId,
    taskRef: row.key,
    attempt: claim.attempt,
    delivery: row.deliveries,
    idempotencyKey: `${claim.runId}/${claim.key}`,
    fencingToken,
    traceId,
    signal: claim.signal,
    logger,
    heartbeat: () => claim.heartbeat(),
  };
}
