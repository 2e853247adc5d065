import type { RunId } from '@joinery/core';
import type { Logger } from '@joinery/kit';

/** What a handler is told about the attempt that it runs, and what it may do besides returning. */
export interface TaskContext {
  readonly runId: RunId;
  /** The task's reference in the definition, with `__<iteration>` inside a loop. */
  readonly taskRef: string;
  /** Task attempt, from 1; grows with retries alone. */
  readonly attempt: number;
  /** How often this attempt has been handed to a worker, from 1; grows when a worker is lost. */
  readonly delivery: number;
  /** `<runId>/<task key>`: the same for every attempt and delivery. Pass it to services that know such keys. */
  readonly idempotencyKey: string;
  /**
   * Larger for every later delivery of a task of this run. A store that keeps the largest and refuses smaller ones is safe
   * from a worker that was believed dead and wakes up.
   */
  readonly fencingToken: number;
  /** Trace id of the run; empty when it has none. */
  readonly traceId: string;
  /**
   * Fires when the result is not wanted any more: the claim was lost, the run was cancelled or has ended (both within about
   * a second), or the process is shutting down. `reason` is an InterruptedError. What a handler throws after that is not
   * counted as a failure.
   */
  readonly signal: AbortSignal;
  /** Names run, task and attempt on every line. */
  readonly logger: Logger;
  /** A sign of life for tasks that take longer than their response time-out. Cheap; sent with the next beat. */
  heartbeat(): void;
}

/** Why a handler is interrupted. */
export type InterruptCause = 'claim-lost' | 'shutdown';

/** The reason of a handler's signal. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly interrupt: InterruptCause;

  constructor(interrupt: InterruptCause) {
    super(
      interrupt === 'shutdown'
        ? 'the worker is shutting down; the attempt goes to another one'
        : 'the claim was lost: the attempt has ended, or another worker has it',
    );
    this.interrupt = interrupt;
  }
}

/** Why a signal that has fired did so. */
export function interruptOf(signal: AbortSignal): InterruptCause {
  const reason: unknown = signal.reason;
  return reason instanceof InterruptedError ? reason.interrupt : 'claim-lost';
}
