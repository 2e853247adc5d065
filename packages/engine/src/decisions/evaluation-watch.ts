import { type RunId } from '@joinery/core';
import { type Clock } from '@joinery/kit';
import { SUSPECT_LOADS } from '@joinery/store';
import { BoundedMap } from '../bounded-map.ts';

/** What may be done with a run whose evaluation has begun several times without a commit: `alone`, with nothing beside it. */
export type EvaluationVerdict = 'go' | 'alone' | 'wait' | 'fail';

/** Deaths after which an evaluation is made alone. */
const ALONE_AFTER = SUSPECT_LOADS - 1;
/** An evaluation that ended its process this often with nothing beside it is not made again at all. */
export const EVALUATION_DEATHS_LIMIT = 5;
/** A live decider of another process commits well within this time; a dead one never does. */
export const PROBATION_MS = 1_000;
const WATCHED_LIMIT = 10_000;

interface Watched {
  /** Nonce of the decision on which the loads below were made: a commit makes it void. */
  readonly nonce: string;
  /** Loads of this process that ended without a commit, and without ending the process. */
  survivedCount: number;
  /** Those of them that were made alone. */
  survivedAloneCount: number;
  /** When the run became suspect; null = it is not. */
  suspectedAt: number | null;
}

/**
 * Tells an evaluation that ends its process from one that has company. The store counts loads since the last commit; a
 * load by a process that then died counts as one by a process that is still at work, was refused, or lost Redis. Our own
 * survived loads are known and taken off.
 * Who dies takes along whatever is evaluated beside it, so two deaths make a run suspect and no more: a suspect is
 * evaluated alone, which clears the innocent, and only what ends its process then is held against it. Before the last
 * word it waits: if nobody commits in the meantime, nobody was at work.
 */
export class EvaluationWatch {
  readonly #clock: Clock;
  readonly #watched = new BoundedMap<RunId, Watched>(WATCHED_LIMIT);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A load was made in company: `loads` since the last commit, as the store counts them. */
  judge(runId: RunId, nonce: string, loads: number): EvaluationVerdict {
    const watched = this.#of(runId, nonce);
    const deaths = loads - 1 - watched.survivedCount;
    if (deaths < ALONE_AFTER) return 'go';
    const deathsAlone = loads - SUSPECT_LOADS - watched.survivedAloneCount;
    if (deathsAlone < EVALUATION_DEATHS_LIMIT) return 'alone';
    watched.suspectedAt ??= this.#clock.now();
    return this.#clock.now() - watched.suspectedAt >= PROBATION_MS ? 'fail' : 'wait';
  }

  /** The evaluation ended without a commit, and we are still here. */
  survived(runId: RunId, nonce: string, isAlone = false): void {
    const watched = this.#of(runId, nonce);
    if (isAlone) watched.survivedAloneCount += 1;
    else watched.survivedCount += 1;
  }

  committed(runId: RunId): void {
    this.#watched.delete(runId);
  }

  #of(runId: RunId, nonce: string): Watched {
    const known = this.#watched.get(runId);
    if (known?.nonce === nonce) return known;
    const watched: Watched = { nonce, survivedCount: 0, survivedAloneCount: 0, suspectedAt: null };
    this.#watched.set(runId, watched);
    return watched;
  }
}
