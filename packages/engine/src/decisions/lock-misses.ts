import { type RunId } from '@joinery/core';
import { type Clock } from '@joinery/kit';
import { BoundedMap } from '../bounded-map.ts';

// A forgotten miss costs one more `overtakeAfter`; 10,000 contended runs in one process are beyond what it can decide.
const MISSES_LIMIT = 10_000;

/**
 * Since when this process has been missing the lock of a run. The store knows since when a run has been dirty, but only
 * where the lock is fused, and not for timers; this memory makes "a miss may postpone a decision, never forbid it" hold
 * with every driver, for dirty runs and due timers alike.
 */
export class LockMisses {
  readonly #clock: Clock;
  readonly #firstMissAt = new BoundedMap<RunId, number>(MISSES_LIMIT);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The lock was asked for and not granted. */
  note(runId: RunId): void {
    if (this.#firstMissAt.get(runId) === undefined) this.#firstMissAt.set(runId, this.#clock.now());
  }

  /** The run was decided although somebody holds its lock: that one is not waited for again. */
  overtook(runId: RunId, overtakeAfterMs: number): void {
    this.note(runId);
    const longAgo = this.#clock.now() - overtakeAfterMs - 1;
    const since = this.#firstMissAt.get(runId) ?? longAgo;
    this.#firstMissAt.set(runId, Math.min(since, longAgo));
  }

  /** The lock was granted. */
  clear(runId: RunId): void {
    this.#firstMissAt.delete(runId);
  }

  /** True while the run is to be decided without its lock: until the lease of a dead holder has ended for certain. */
  isOverdue(
    runId: RunId,
    limits: { readonly overtakeAfterMs: number; readonly leaseMs: number },
  ): boolean {
    const since = this.#firstMissAt.get(runId);
    if (since === undefined) return false;
    const forMs = this.#clock.now() - since;
    // A clock that was set back must not postpone for ever.
    if (forMs < 0) return true;
    if (forMs > limits.overtakeAfterMs + limits.leaseMs) this.clear(runId);
    return forMs > limits.overtakeAfterMs;
  }
}
