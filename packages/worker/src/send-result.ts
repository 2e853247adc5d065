import { isJoineryError } from '@joinery/core';
import { backoffDelayMs } from '@joinery/kit';
import { setTimeout as delay } from 'node:timers/promises';
import type { Completion } from '@joinery/engine';
import type { ClaimDesk, Delivery, DeliveryEnd } from './claim-desk.ts';
import { NextPlace } from './next-place.ts';
import { failureOf, type HandlerEnd, type TaskOutcome } from './run-handler.ts';
import { interruptOf } from './task-context.ts';

type Ended = Extract<HandlerEnd, { type: 'outcome' }>;

/** Between two tries to store a result: the store itself has waited before it gives up on one. */
const backoff = { baseMs: 100, maxMs: 2_000 };

/**
 * Stores a result. Tries again while the store is unavailable: the work is done, and another delivery would do it twice.
 * A result that comes too late changes nothing and is only counted. Never rejects.
 */
export async function sendResult(
  desk: ClaimDesk,
  delivery: Delivery,
  end: Ended,
): Promise<DeliveryEnd> {
  const { claim, logger } = delivery;
  const startedAtMs = desk.elapsedMs();
  let { outcome } = end;
  for (let failureCount = 1; ; failureCount += 1) {
    try {
      return await sendOnce(desk, delivery, { ...end, outcome });
    } catch (err) {
      const lateMs = desk.elapsedMs() - startedAtMs;
      if (canNeverBeStored(err) && Object.keys(outcome.output).length > 0) {
        outcome = withoutOutput(outcome, err);
      } else if (mustGiveUp(err, claim.signal) || lateMs > desk.timings.completeWithinMs) {
        const fields = { event: 'result.dropped', durationMs: lateMs, err };
        logger.error(fields, 'a result could not be stored; the attempt will be delivered again');
        return { next: null, isForgotten: false };
      } else {
        await pause(backoffDelayMs(backoff, failureCount, Math.random()), claim.signal);
      }
    }
  }
}

/** Too large, too deep, not JSON: the same output would be refused for ever. */
function canNeverBeStored(err: unknown): boolean {
  return isJoineryError(err) && err.category === 'InvalidInput';
}

/** A result that cannot be stored is a failure; a failure stays the one that it is. */
function withoutOutput(outcome: TaskOutcome, err: unknown): TaskOutcome {
  return outcome.status === 'COMPLETED' ? failureOf(err) : { ...outcome, output: {} };
}

/** A lost claim is no reason: the store may only have been silent, and knows better when it answers. */
function mustGiveUp(err: unknown, signal: AbortSignal): boolean {
  const isFinal = isJoineryError(err) && err.category !== 'StoreUnavailable';
  return isFinal || (signal.aborted && interruptOf(signal) === 'shutdown');
}

/** A shutdown cuts the wait short. */
async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  const options = signal.aborted ? {} : { signal };
  await delay(waitMs, undefined, options).catch(() => undefined);
}

async function sendOnce(desk: ClaimDesk, delivery: Delivery, end: Ended): Promise<DeliveryEnd> {
  const { claim, claimed, hop } = delivery;
  const { runId, key, attempt, token } = claim;
  const { outcome } = end;
  const place = new NextPlace(desk, hop);
  try {
    const result = { runId, key, attempt, token, ...outcome };
    const reply = await desk.verbs.complete(result, { claimed, goOn: place.offer() });
    noteReply(desk, delivery, { reply, outcome, err: end.err });
    return { next: place.use(reply.next ?? null), isForgotten: isForgotten(reply) };
  } finally {
    place.giveBack();
  }
}

function noteReply(
  desk: ClaimDesk,
  delivery: Delivery,
  { reply, outcome, err }: { reply: Completion; outcome: TaskOutcome; err: unknown },
): void {
  const task_type = delivery.task.type;
  if (!isForgotten(reply)) {
    desk.metrics.results.add({ task_type, status: outcome.status });
    log(delivery, outcome, err);
    return;
  }
  desk.metrics.staleResults.add({ task_type });
  const fields = { event: 'result.refused', reply: reply.type };
  delivery.logger.info(
    fields,
    'a result came too late: the attempt has ended, or another delivery owns it',
  );
}

function isForgotten({ type }: Completion): boolean {
  return type === 'stale' || type === 'gone';
}

function log({ logger }: Delivery, { status, reason }: TaskOutcome, err: unknown): void {
  if (status === 'COMPLETED') logger.debug({ event: 'task.completed' }, 'a task completed');
  else logger.info({ event: 'task.failed', status, reason, err }, 'a task failed');
}
