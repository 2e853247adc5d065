import { type RunId } from '@joinery/core';
import { type Clock } from '@joinery/kit';
import { BoundedMap } from './bounded-map.ts';

/** What may be done with a run whose evaluation has begun several times without a commit. */
export type EvaluationVerdict = 'go' | 'isolate' | 'wait' | 'fail';

/** An evaluation that ended its process this often is not made in this process again. */
const ISOLATE_AFTER = 2;
/** An evaluation that ended its process this often is not made again at all. */
export const EVALUATION_DEATHS_LIMIT = 5;
/** A live decider of another process commits well within this time; a dead one never does. */
export const PROBATION_MS = 1_000;
const WATCHED_LIMIT = 10_000;

interface Watched {
  /** Nonce of the decision on which the loads below were made: a commit makes it void. */
  readonly nonce: string;
  /** Loads of this process that ended without a commit, and without ending the process. */
  survivedCount: number;
  /** When the run became suspect; null = it is not. */
  suspectedAt: number | null;
}

/**
 * Tells an evaluation that ends its process from one that has company. The store counts loads since the last commit; a
 * load by a process that then died counts as one by a process that is still at work, was refused, or lost Redis. Our own
 * survived loads are known and taken off; for the others a suspect run waits: if nobody commits in the meantime, nobody
 * was at work.
 */
export class EvaluationWatch {
  readonly #clock: Clock;
  readonly #watched = new BoundedMap<RunId, Watched>(WATCHED_LIMIT);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A load was made: `loads` since the last commit, this one included. */
  judge(runId: RunId, nonce: string, loads: number): EvaluationVerdict {
    const watched = this.#of(runId, nonce);
    const deaths = loads - 1 - watched.survivedCount;
    if (deaths < ISOLATE_AFTER) return 'go';
    if (deaths < EVALUATION_DEATHS_LIMIT) return 'isolate';
    watched.suspectedAt ??= this.#clock.now();
    return this.#clock.now() - watched.suspectedAt >= PROBATION_MS ? 'fail' : 'wait';
  }

  /** The evaluation ended without a commit, and we are still here. */
  survived(runId: RunId, nonce: string): void {
    this.#of(runId, nonce).survivedCount += 1;
  }

  committed(runId: RunId): void {
    this.#watched.delete(runId);
  }

  #of(runId: RunId, nonce: string): Watched {
    const known = this.#watched.get(runId);
    if (known?.nonce === nonce) return known;
    const watched: Watched = { nonce, survivedCount: 0, suspectedAt: null };
    this.#watched.set(runId, watched);
    return watched;
  }
}
