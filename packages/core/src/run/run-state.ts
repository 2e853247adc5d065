import type { Domains } from './domains.ts';
import type { RunId, TaskKey } from './ids.ts';
import type { EndStatus, RunStatus } from './status.ts';

/** What a run is about to become once its open tasks are canceled; nothing is claimed or completed meanwhile. */
export interface Closing {
  readonly status: EndStatus;
  readonly reason: string;
  /** The task for which it ends; absent when it ends for another cause. */
  readonly task?: TaskKey;
  /** Somebody has asked for this end: it is no failure that others are to be told of. */
  readonly isWanted?: boolean;
}

/** How far a run that is about to end has come with taking back what its tasks have done. */
export interface Compensating extends Closing {
  /** How many tasks are to be taken back, and how many of them are. */
  readonly total: number;
  readonly next: number;
  /** Compensations that failed for good, the first of them; the others go on. */
  readonly failed: readonly string[];
}

/** The task for which a run was started, and that waits for its end. */
export interface ParentLink {
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
  /** How many runs are above this one: 1 for the child of a root. */
  readonly depth: number;
}

/** A part of a run is begun anew: what is to go is marked page by page, then the flow enters what follows from the rest. */
export interface Reset {
  /** Every task; else those that have failed, and `keys` with all that follows from them. */
  readonly isAll: boolean;
  readonly keys: readonly TaskKey[];
  /** A group is tried again: only what is inside of `keys`, and nothing else that has failed. */
  readonly isGroup?: boolean;
  /** Nothing is left to be taken back. */
  readonly isCleared: boolean;
}

/** The record of a run as the store keeps it. Payloads (input, output, variables) stand beside it. */
export interface RunState {
  readonly id: RunId;
  readonly definition: string;
  readonly definitionVersion: number;
  /** Content hash of the pinned definition together with its task definitions. */
  readonly planId: string;
  readonly status: RunStatus;
  readonly reason: string;
  /** Counts every event: the length of the history. */
  readonly version: number;
  /** Counts decision commits and operations; `nonce` tells two of the same number apart. */
  readonly decision: number;
  readonly nonce: string;
  /** Fence of the last committed decision. */
  readonly fence: number;
  /** Grows with each change that needs a decision; the run is dirty while `dirty > seen`. */
  readonly dirty: number;
  readonly seen: number;
  /** Tasks that are not settled. */
  readonly open: number;
  /** Last task sequence number given out. */
  readonly seq: number;
  /** The root sequence has come to its end; the run is complete when nothing is open. */
  readonly isRootDone: boolean;
  readonly closing: Closing | null;
  /** Its tasks are being compensated; it is RUNNING or PAUSED meanwhile, and ends as this says. */
  readonly compensating: Compensating | null;
  /** Null: no reset is under way. One that an end has cut short is gone on with when the run is opened again. */
  readonly resetting: Reset | null;
  /** A permissive task failed for good: the run goes on, and fails at its end. */
  readonly failedPermissive: readonly string[];
  /** Run attempt, from 1; grows only when a whole run is recovered. */
  readonly attempt: number;
  /** When an operator last opened the run again, ms since epoch by the store's clock: its time-out counts from then. 0 = never. */
  readonly retriedAt: number;
  readonly priority: number;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  readonly traceId: string;
  /** Whose workers carry its tasks out. Absent: those without a domain. */
  readonly domains?: Domains;
  /** Null for a run that no other waits for. */
  readonly parent: ParentLink | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt: number;
  readonly lastDecidedAt: number;
  /** Process and verb of the last transition. */
  readonly lastActor: string;
}

/** The part of a run's record that a decision may change. */
export type RunPatch = Partial<
  Pick<
    RunState,
    | 'status'
    | 'reason'
    | 'seq'
    | 'isRootDone'
    | 'closing'
    | 'compensating'
    | 'failedPermissive'
    | 'open'
    | 'resetting'
    | 'retriedAt'
    | 'attempt'
    | 'planId'
    | 'definitionVersion'
    | 'correlationId'
  >
>;
