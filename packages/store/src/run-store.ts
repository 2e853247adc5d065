import type {
  Command,
  DataField,
  DispatchLetter,
  Domains,
  HistoryEvent,
  Json,
  Needs,
  OutcomeStatus,
  ParentLink,
  RecordedEvent,
  RepairKind,
  RunId,
  RunState,
  RunStatus,
  Slice,
  TaskKey,
  TaskRow,
} from '@joinery/core';
import type {
  AttentionEntry,
  Finding,
  MovedRun,
  OutboxLetter,
  RunSummary,
  TakeReply,
} from './run-findings.ts';

/*
 * The port between the verbs and the state of runs. Two implementations, held to each other by a differential test:
 * Redis (one Lua script per method that changes anything) and memory.
 *
 * Every method is safe to send twice: the reply of the first is repeated, or the second is a no-op that says so.
 * Every transition appends to the history (version + 1 per event), names its actor, and derives the run's attention.
 */

/** The record with which a run begins; the store adds version, counters and moments. */
export interface NewRun {
  readonly id: RunId;
  readonly definition: string;
  readonly definitionVersion: number;
  readonly planId: string;
  readonly priority: number;
  readonly correlationId: string;
  /** Empty = none. Otherwise a run of this definition with the same key is found instead of made. */
  readonly idempotencyKey: string;
  readonly traceId: string;
  /** Whose workers carry its tasks out. Default: those without a domain. */
  readonly domains?: Domains;
  /** The task that waits for this run. Default: none. */
  readonly parent?: ParentLink | null;
  readonly input: Json;
  readonly variables: Json;
}

/** A new run with its first decision. */
export interface StartArgs {
  readonly run: NewRun;
  /** The first decision, applied in the same script. */
  readonly commands: readonly Command[];
  readonly nonce: string;
  /** Call the decider again at once: the first decision is a step of several. */
  readonly hasMore: boolean;
  readonly actor: string;
}

/** The run that was started, or found. */
export type StartReply =
  /** Also the answer to a repeated start with the same run id. */
  | { readonly type: 'started'; readonly runId: RunId }
  | { readonly type: 'exists'; readonly runId: RunId; readonly status: RunStatus };

/** A lock that shares the run's slot, taken by the script that loads and given back by the one that commits. */
export interface FusedLock {
  readonly token: string;
  readonly leaseMs: number;
  /** A run that has been dirty for longer is loaded although somebody else holds the lock. */
  readonly overtakeAfterMs: number;
}

/** Which run is to be loaded, and under which lock. */
export interface LoadArgs {
  readonly runId: RunId;
  readonly lock: FusedLock | null;
  /** Without a lock, load only a run that has waited for a decision for longer, ms: its own lock, which stands apart, was missed. */
  readonly patienceMs?: number;
  /** Load although nothing seems to be due (operations, full evaluations). */
  readonly isForced: boolean;
  /** Nothing else is evaluated in this process until the decision is made. Default false. */
  readonly isAlone?: boolean;
  readonly actor: string;
}

/**
 * With that many loads since the last commit a run is suspect: its evaluation may be what ends processes. From then on
 * loads in company do not count, for whoever was decided beside the culprit was cut just as often.
 */
export const SUSPECT_LOADS = 3;

/** A slice to decide on, or why there is none. */
export type LoadReply =
  | { readonly type: 'gone' }
  /** Not dirty, nothing due: there is nothing to decide. The lock was not taken. */
  | { readonly type: 'clean'; readonly status: RunStatus }
  /** Somebody else decides; the run has waited for so long. */
  | { readonly type: 'busy'; readonly waitedMs: number }
  | {
      readonly type: 'slice';
      readonly slice: Slice;
      /** Issued to this load; larger than every earlier one. */
      readonly fence: number;
      /** Loads since the last commit, this one included; from {@link SUSPECT_LOADS} on only those made alone. */
      readonly loads: number;
      /** The sweeper asked for a full evaluation. */
      readonly isFullDue: boolean;
      readonly hasLock: boolean;
    };

/** A decision, and what it was made on. */
export interface CommitArgs {
  readonly runId: RunId;
  /** What the decision was made on: refused when another decision was committed since. */
  readonly decision: number;
  readonly nonce: string;
  /** `dirty` of the loaded record; becomes `seen` unless the decision has more to do. */
  readonly dirty: number;
  readonly fence: number;
  /** Marks this decision; a repeated call with the same one is answered with the first reply. */
  readonly nextNonce: string;
  readonly hasMore: boolean;
  /** A full evaluation was made: the flag is cleared. */
  readonly wasFull: boolean;
  /**
   * The full evaluation found everything as it should be, and what happens to other runs cannot change that: until
   * something happens to this one, or its counts are found apart, the next is due after `calmDecideIntervalMs` only.
   */
  readonly isCalm?: boolean;
  readonly commands: readonly Command[];
  /** Given back in the same script, unless the run is dirty again: then it is kept and extended. */
  readonly lock: FusedLock | null;
  /** Set for operations: a second operation with the same id changes nothing (`repeated`). */
  readonly requestId: string;
  readonly actor: string;
}

/** What became of a commit. */
export type CommitReply =
  | {
      readonly type: 'committed';
      readonly version: number;
      readonly status: RunStatus;
      readonly isDirty: boolean;
    }
  | { readonly type: 'repeated'; readonly status: RunStatus; readonly isDirty: boolean }
  /** Nothing was written: load again. `by` = which guard. */
  | { readonly type: 'refused'; readonly by: 'decision' | 'fence' | 'task' }
  | { readonly type: 'gone' };

/** Which attempt is to be claimed, by whom, for how long. */
export interface ClaimArgs {
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
  readonly dispatch: number;
  /** Unguessable; chosen by the caller, so that a repeated claim finds itself. */
  readonly token: string;
  readonly worker: string;
  readonly leaseMs: number;
  readonly actor: string;
}

/** What became of a claim. */
export type ClaimReply =
  /** The attempt is ours until the lease ends. Input as stored. The fence handed to the handler is `fencingToken`. */
  | {
      readonly type: 'claimed';
      readonly row: TaskRow;
      readonly input: Json;
      readonly fencingToken: number;
      /** The record as it is now: what a decision on the result may be made on. */
      readonly run: RunState;
    }
  /** Somebody else's claim is alive: forget this job, the sweeper watches that claim. */
  | { readonly type: 'held'; readonly worker: string }
  /** The attempt may not start yet. */
  | { readonly type: 'early'; readonly waitMs: number }
  /** Terminal, replaced, or another dispatch is current: the job is out of date. */
  | { readonly type: 'stale' }
  /** Delivered `maxDeliveries` times without a result: the caller completes it as WORKER_LOST with `token`. */
  | { readonly type: 'poison'; readonly token: string; readonly deliveries: number }
  | { readonly type: 'gone' };

/** The result of one attempt. */
export interface CompleteArgs {
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
  /** Token of the claim; the child's id, when a run carries the attempt out. Empty: for tasks that nobody claims (WAIT). */
  readonly token: string;
  readonly status: OutcomeStatus;
  readonly output: Json;
  /** At most 500 characters. */
  readonly reason: string;
  /** What follows from the result, applied with it if nothing has changed since; else the result is stored alone. */
  readonly carried?: CarriedDecision;
  readonly actor: string;
}

/** A decision that comes with a result: it was made on the run as the claim has seen it, and on the result. */
export interface CarriedDecision {
  /** The decision that it follows. */
  readonly decision: number;
  readonly nonce: string;
  readonly nextNonce: string;
  /** `open` of the record that it presumes; null = any: it does not depend on what else is open. */
  readonly open: number | null;
  readonly hasMore: boolean;
  /** With the task's own row as it is after the result, without the output and the event of its completion. */
  readonly commands: readonly Command[];
}

/** What became of a result. */
export type CompleteReply =
  /**
   * Stored together with the carried decision, now or by an earlier call, at this moment by the store's clock. `version`
   * is the fence of what the decision claims.
   */
  | {
      readonly type: 'decided';
      readonly isDirty: boolean;
      readonly version: number;
      readonly status: RunStatus;
      readonly at: number;
    }
  /** Stored. `isDirty`: somebody must decide. */
  | { readonly type: 'stored'; readonly isDirty: boolean }
  /** This very result is stored already (a resend). */
  | { readonly type: 'repeated'; readonly isDirty: boolean }
  /** Another delivery or attempt owns the task, or it is terminal: nothing was changed. */
  | { readonly type: 'stale' }
  | { readonly type: 'gone' };

/** One claim to be renewed. */
export interface BeatItem {
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
  readonly token: string;
  readonly leaseMs: number;
  /** A sign of life of the handler itself: re-arms the response time-out too. */
  readonly isProgress: boolean;
}

/** Which attempt is to be sent again, and why. */
export interface RedeliverArgs {
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
  /** The dispatch that is presumed lost; another one in the meantime makes this a no-op. */
  readonly dispatch: number;
  /** Empty: only when unclaimed or the lease has ended. Otherwise the claim's own token: handed back by its holder. */
  readonly token: string;
  /** `null` = handed back, not a repair. */
  readonly repair: RepairKind | null;
  readonly delayMs: number;
  /** What its worker has so far, which wants to be asked again: the delivery counts against no limit. Default: it was in vain. */
  readonly output?: Json;
  readonly actor: string;
}

/** What became of a redelivery. */
export type RedeliverReply =
  | { readonly type: 'redelivered'; readonly letter: DispatchLetter }
  | { readonly type: 'poison'; readonly token: string; readonly deliveries: number }
  | { readonly type: 'unchanged' }
  | { readonly type: 'gone' };

/** Durable state of runs. See the file's head for what holds for every method. */
export interface RunStore {
  readonly partitions: number;

  /**
   * Create a run with its first decision, or find the one that its idempotency key names. A run that was purged is
   * found for 7 d more, with the status in which it ended; its record is gone.
   */
  start(args: StartArgs): Promise<StartReply>;

  /** Read what a decision needs first: record, to-do rows, due timers with their rows, a page of open rows while closing. Issues a fence. */
  load(args: LoadArgs): Promise<LoadReply>;
  /** Read more of a run: rows, payloads, arrival counts. Changes nothing. */
  read(runId: RunId, needs: Needs): Promise<Pick<Slice, 'rows' | 'data' | 'arrivals'> | null>;
  /** Read every row, in pages, and what watches over them. Not atomic: the commit's guards make it safe. */
  readWhole(runId: RunId): Promise<Pick<Slice, 'rows' | 'arrivals' | 'whole'> | null>;
  /** Apply a decision: all of it or nothing. */
  commit(args: CommitArgs): Promise<CommitReply>;

  /** Take one attempt for a worker. */
  claim(args: ClaimArgs): Promise<ClaimReply>;
  /** Store the result of an attempt, count it for its joins, and mark the run dirty unless the result can change nothing yet. */
  complete(args: CompleteArgs): Promise<CompleteReply>;
  /** Renew claims, many at once. False = lost: the handler must stop. */
  beat(items: readonly BeatItem[]): Promise<readonly boolean[]>;
  /** Send an attempt again under a new dispatch number. Burns no retry. */
  redeliver(args: RedeliverArgs): Promise<RedeliverReply>;

  /** Letters of a partition that nobody has marked sent for `olderThanMs`. */
  unsent(partition: number, olderThanMs: number, limit: number): Promise<readonly OutboxLetter[]>;
  /** The letters were handed on: relays leave them alone. Not a transition; losing it costs a duplicate job. */
  markSent(letters: readonly { readonly runId: RunId; readonly letterId: string }[]): Promise<void>;

  /** Letters to other runs have reached them: they leave the outbox. A run that has ended is done with after its last one. */
  acknowledge(runId: RunId, letterIds: readonly string[]): Promise<'acknowledged' | 'gone'>;
  /** Whether a letter stands in a run's outbox; false also when the run is gone. */
  hasLetter(runId: RunId, letterId: string): Promise<boolean>;

  /** Runs of a partition at which somebody must look now; their moment moves on by 1 s, they are never removed. */
  take(partition: number, limit: number): Promise<TakeReply>;
  /** Look at runs: what is due in each? Ended claims come again after 1 s, job checks after 2, 4, 8 … 30 s. */
  look(partition: number, runIds: readonly RunId[]): Promise<readonly Finding[]>;

  /** End a run FAILED without a decision: its evaluation cannot be made. Open tasks are left as they stand; nothing is claimed any more. */
  fail(args: {
    readonly runId: RunId;
    readonly reason: string;
    readonly actor: string;
  }): Promise<'failed' | 'ended' | 'gone'>;

  /** Append an event that changes nothing else (an audit of a repair). */
  record(runId: RunId, event: HistoryEvent, actor: string): Promise<'recorded' | 'gone'>;

  /** The record of a run, or null. */
  find(runId: RunId): Promise<RunState | null>;
  /** One payload, or null. */
  payload(runId: RunId, field: DataField): Promise<Json | null>;
  /** Rows by order of creation; earlier attempts included. For people, not for decisions. */
  rows(runId: RunId): Promise<readonly TaskRow[]>;
  /** Events from a version on (from 1), at most `limit`. */
  history(runId: RunId, fromVersion: number, limit: number): Promise<readonly RecordedEvent[]>;
  /** Newest first, over all partitions. */
  list(limit: number): Promise<readonly RunSummary[]>;
  /** When a run will be looked at next; null = not in attention. */
  attention(runId: RunId): Promise<AttentionEntry | null>;
  /** Who holds the run's fused lock, and for how long still; null = nobody. */
  lockHolder(runId: RunId): Promise<{ readonly token: string; readonly leftMs: number } | null>;

  /** Remove one step of a run whose retention is over (at most 1,000 entries per call, record last). */
  purge(
    partition: number,
    limit: number,
  ): Promise<{ readonly purged: number; readonly hasMore: boolean }>;
  /**
   * Remove a run before its retention is over. `kept`: it has not ended, its letters are on their way, or the run that
   * waits for it goes on.
   */
  remove(runId: RunId): Promise<'removed' | 'kept' | 'gone'>;
  /**
   * Runs of a partition that have begun, changed their status, or gone since their mark was settled. Transitions leave
   * the marks; views over many runs (search) are made from them, so that none has to be part of a transition.
   */
  moved(partition: number, limit: number): Promise<readonly MovedRun[]>;
  /** A view shows these runs as they were when `moved` named them: marks go unless they have moved again. Answers how many. */
  settleMoved(partition: number, moved: readonly MovedRun[]): Promise<number>;
  /** Every run of a partition once or more often, in no order, some at a time; `cursor` null = the first ones. */
  scan(
    partition: number,
    cursor: string | null,
  ): Promise<{ readonly runIds: readonly RunId[]; readonly cursor: string | null }>;
  /** Runs are to be shown again although nothing has happened to them. */
  markMoved(partition: number, runIds: readonly RunId[]): Promise<void>;
  /** Every partition's runs become due now (after a failover or a lost suffix). */
  makeAllDue(): Promise<void>;

  close(): Promise<void>;
}
