import type { DispatchLetter, Letter, RunId, RunLetter, RunStatus, TaskKey } from '@joinery/core';

/*
 * What looks and lists find: read from the state of runs, and never a reason to change one without a guard.
 */

/** A letter of a run, as relays hand it on. */
export interface OutboxLetter<Kind extends Letter = Letter> {
  readonly runId: RunId;
  readonly definition: string;
  readonly letter: Kind;
  /** When it was put into the outbox, ms since epoch by the store's clock. */
  readonly at: number;
}

/** What one look at one run found. Nothing is decided here. */
export interface Finding {
  readonly runId: RunId;
  readonly status: RunStatus;
  readonly definition: string;
  /** Needs a decision, a timer is due, or a full evaluation is due: nudge a coordinator. */
  readonly needsDecision: boolean;
  readonly isFullDue: boolean;
  /** For how long what has happened has waited for a decision, ms; 0 = nothing waits. A paused run waits for nobody. */
  readonly waitingMs: number;
  /** Claims whose lease has ended without a result. */
  readonly endedClaims: readonly {
    readonly key: TaskKey;
    readonly attempt: number;
    readonly dispatch: number;
  }[];
  /** Dispatches whose job must be asked for. */
  readonly checks: readonly OutboxLetter<DispatchLetter>[];
  /** Letters to other runs that nobody has acknowledged for 2 s: to be handed on again. */
  readonly letters: readonly OutboxLetter<RunLetter>[];
  /** Why the record cannot be read; the run is to be failed. Empty = readable. */
  readonly corrupt: string;
}

/** What was due in a partition. */
export interface TakeReply {
  readonly runIds: readonly RunId[];
  readonly now: number;
  /** The clock went forward by more than 10 s since the last take: ms, else 0. */
  readonly gapMs: number;
  /** Runs that were neither in attention nor about to be purged: somebody had taken them out. They are due from here on. */
  readonly forgotten: readonly RunId[];
}

/** A run in a list. */
export interface RunSummary {
  readonly runId: RunId;
  readonly definition: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly createdAt: number;
  readonly endedAt: number;
  readonly reason: string;
}

/** A run that views over many runs have not seen as it is. */
export interface MovedRun {
  readonly runId: RunId;
  /** Version of its last move; 0 = somebody asked for it, Infinity = it is gone. */
  readonly mark: number;
}

/** When a run is to be looked at next. */
export interface AttentionEntry {
  readonly runId: RunId;
  readonly dueAt: number;
}
