/*
 * All runs of a simulation, followed step by step, and the rules that are about several of them.
 * H13 a child whose cancel was acknowledged does not go on · H3 one run per idempotency key · H19 one child per attempt, whose end is that of the attempt.
 */
import { isTerminalRun, parseRunId, partitionOf, type RunId, type TaskKey } from '@joinery/core';
import { type RunSnapshot } from '@joinery/store';
import { judgeLimits } from './judge-limits.ts';
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
  /** No other run has started it. */
  readonly isRoot: boolean;
  isEnded: boolean;
  /** Children that are to be ended. */
  cancels: readonly RunId[];
}

/** Follows a whole simulation. */
export class SystemWatch {
  readonly violations: Violation[] = [];
  readonly #peek: (runId: RunId) => RunSnapshot | null;
  readonly #caseOf: (run: RunSnapshot) => RunCase;
  readonly #children = new Map<string, RunId>();
  readonly #runs = new Map<RunId, Watched>();
  readonly #executed = new Set<string>();
  /** Every run that ever was, those included that a power cut has taken away. */
  readonly #seen = new Set<RunId>();

  constructor(peek: (runId: RunId) => RunSnapshot | null, caseOf: (run: RunSnapshot) => RunCase) {
    this.#peek = peek;
    this.#caseOf = caseOf;
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

  /** Runs that somebody will look at. */
  get attended(): readonly RunId[] {
    return [...this.#runs].flatMap(([runId, { watch }]) => (watch.attention === null ? [] : runId));
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
      const watched = known ?? this.#begin(run);
      watched.watch.follow(run, step);
      this.#followCancels(watched, run, step.method);
      const isEnded = isTerminalRun(run.record.status);
      const hasJustEnded = isEnded && !watched.isEnded;
      // An operator may have opened it again.
      watched.isEnded = isEnded;
      if (!hasJustEnded) continue;
      judgeEnd(runId, run, this.#caseOf(run), (rule, what) => this.accuse(rule, runId, what));
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

  /** How many have a claim that holds, against the limits of their tasks. */
  judgeLimits(at: number): void {
    const runs = this.live.flatMap((runId) => this.#peek(runId) ?? []);
    judgeLimits(runs, at, (what) => this.accuse('limit', '', what));
  }

  /** H3: one run per start, however often it was asked for. */
  judgeStarts(starts: number): void {
    const started = [...this.#runs.values()].filter(({ isRoot }) => isRoot).length;
    if (started > starts) this.accuse('H3', '', `${starts} starts made ${started} runs`);
  }

  #begin(run: RunSnapshot): Watched {
    const { id: runId, parent } = run.record;
    this.#seen.add(runId);
    if (parent !== null) this.#judgeChild(runId, `${parent.runId} ${parent.key} ${parent.attempt}`);
    const accuse = (rule: string, what: string): void => this.accuse(rule, runId, what);
    const hasExecuted = (key: TaskKey, token: string): boolean =>
      this.#executed.has(`${runId} ${key} ${token}`) || this.#isRun(token);
    const { definition, isRoot } = this.#caseOf(run);
    const watch = new RunWatch({ definition, accuse, hasExecuted });
    const watched = { watch, isRoot, isEnded: false, cancels: [] };
    this.#runs.set(runId, watched);
    return watched;
  }

  #followCancels(watched: Watched, { outbox, record }: RunSnapshot, method: string): void {
    const cancels = Object.values(outbox).flatMap(({ letter }) =>
      letter.type === 'cancel-child' ? [letter.to] : [],
    );
    for (const child of watched.cancels) {
      if (method !== 'acknowledge' || cancels.includes(child)) continue;
      const run = this.#peek(child)?.record;
      if (run === undefined || isTerminalRun(run.status) || run.closing !== null) continue;
      this.accuse('H13', child, `it goes on, and ${record.id} was told that it has ended`);
    }
    watched.cancels = cancels;
  }

  #judgeChild(runId: RunId, attempt: string): void {
    const before = this.#children.get(attempt);
    if (before !== undefined && before !== runId) {
      this.accuse('H19', runId, `${before} is the child of ${attempt} as well`);
    }
    this.#children.set(attempt, runId);
  }

  /** The token of an attempt that a run carries out is that run's id. */
  #isRun(token: string): boolean {
    const runId = parseRunId(token);
    return runId !== null && this.#seen.has(runId);
  }
}
