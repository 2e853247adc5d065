/*
 * All runs of a simulation, followed step by step, and the rules that are about several of them.
 * H3 one run per idempotency key.
 */
import { isTerminalRun, partitionOf, type RunId, type TaskKey } from '@joinery/core';
import { type RunSnapshot } from '@joinery/store';
import { judgeEnd, type RunCase } from './run-end.ts';
import { RESTART, RunWatch } from './run-watch.ts';

/** A rule that was broken. */
export interface Violation {
  readonly rule: string;
  readonly runId: RunId | '';
  readonly what: string;
}

interface Watched {
  readonly watch: RunWatch;
  isEnded: boolean;
}

/** Follows a whole simulation. */
export class SystemWatch {
  readonly violations: Violation[] = [];
  readonly #peek: (runId: RunId) => RunSnapshot | null;
  readonly #case: RunCase;
  readonly #runs = new Map<RunId, Watched>();
  readonly #executed = new Set<string>();

  constructor(peek: (runId: RunId) => RunSnapshot | null, each: RunCase) {
    this.#peek = peek;
    this.#case = each;
  }

  get runIds(): readonly RunId[] {
    return [...this.#runs.keys()];
  }

  get hasLive(): boolean {
    for (const { isEnded } of this.#runs.values()) if (!isEnded) return true;
    return false;
  }

  /** Runs that live still. */
  get live(): readonly RunId[] {
    return [...this.#runs].flatMap(([runId, { isEnded }]) => (isEnded ? [] : [runId]));
  }

  /** A handler has come to its end under this claim. */
  noteExecution(runId: RunId, key: TaskKey, token: string): void {
    this.#executed.add(`${runId} ${key} ${token}`);
  }

  accuse(rule: string, runId: RunId | '', what: string): void {
    this.violations.push({ rule, runId, what });
  }

  /** The runs after a step that may have changed them. */
  follow(runIds: readonly RunId[], step: { readonly method: string; readonly at: number }): void {
    for (const runId of runIds) {
      const run = this.#peek(runId);
      const known = this.#runs.get(runId);
      if (run === null) {
        if (known?.isEnded === false) this.accuse('H22', runId, 'it is gone before its end');
        this.#runs.delete(runId);
        continue;
      }
      const watched = known ?? this.#begin(runId);
      watched.watch.follow(run, step);
      if (watched.isEnded || !isTerminalRun(run.record.status)) continue;
      watched.isEnded = true;
      judgeEnd(runId, run, this.#case, (rule, what) => this.accuse(rule, runId, what));
    }
  }

  inPartition(partition: number): readonly RunId[] {
    return [...this.#runs.keys()].filter((runId) => partitionOf(runId) === partition);
  }

  /** A partition has lost its last steps: what is left of its runs is looked at as if it were new. */
  restart(partition: number, at: number): void {
    const runIds = this.inPartition(partition);
    for (const runId of runIds) this.#runs.delete(runId);
    const left = runIds.filter((runId) => this.#peek(runId) !== null);
    for (const runId of left) this.#begin(runId);
    this.follow(left, { method: RESTART, at });
  }

  /** When somebody will look at any of the runs; infinite when nobody will. */
  firstAttention(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { watch } of this.#runs.values()) {
      first = Math.min(first, watch.attention ?? Number.POSITIVE_INFINITY);
    }
    return first;
  }

  /** When the first letter was posted that nobody has marked sent; infinite when there is none. */
  firstUnsent(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { watch } of this.#runs.values()) first = Math.min(first, watch.firstUnsent);
    return first;
  }

  /** H3: one run per start, however often it was asked for. */
  judgeStarts(starts: number): void {
    if (this.#runs.size > starts)
      this.accuse('H3', '', `${starts} starts made ${this.#runs.size} runs`);
  }

  #begin(runId: RunId): Watched {
    const accuse = (rule: string, what: string): void => this.accuse(rule, runId, what);
    const hasExecuted = (key: TaskKey, token: string): boolean =>
      this.#executed.has(`${runId} ${key} ${token}`);
    const { definition } = this.#case;
    const watched = { watch: new RunWatch({ definition, accuse, hasExecuted }), isEnded: false };
    this.#runs.set(runId, watched);
    return watched;
  }
}
