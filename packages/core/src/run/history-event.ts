import type { RunId, TaskKey } from './ids.ts';
import type { EndStatus, OutcomeStatus, TaskStatus } from './status.ts';

/** What the sweeper found apart between state and queues, or within the state. */
export const REPAIR_KINDS = [
  'lost-job',
  'orphan-job',
  'no-open-task',
  'join-not-fired',
  'lost-successor',
  'claim-ended',
  'parent-not-notified',
  'lost-timer',
  'wrong-count',
  'unsettled-task',
] as const;
/** One of {@link REPAIR_KINDS}. */
export type RepairKind = (typeof REPAIR_KINDS)[number];

/** One event of a run, as the decider or a verb names it; the store adds version, moment and actor. */
export type HistoryEvent =
  | { readonly type: 'run.started'; readonly definition: string; readonly version: number }
  | { readonly type: 'run.paused' | 'run.resumed'; readonly reason: string }
  /** An operator has opened a run again that had ended. */
  | {
      readonly type: 'run.reopened';
      readonly by: 'retry' | 'restart' | 'rerun';
      readonly from: EndStatus;
      readonly reason: string;
    }
  /** It has grown beyond a limit of the process that decided. */
  | {
      readonly type: 'run.limited';
      readonly limited: 'tasks' | 'history';
      readonly count: number;
      readonly limit: number;
      readonly policy: 'fail' | 'pause';
    }
  | {
      readonly type: 'run.variables-set';
      readonly names: readonly string[];
      readonly reason: string;
    }
  /** A fork or a loop is tried again as one unit, for a task inside it. */
  | {
      readonly type: 'group.retried';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly reason: string;
    }
  /** A reset takes the attempt back: the flow will come by again. */
  | { readonly type: 'task.taken-back'; readonly key: TaskKey; readonly attempt: number }
  /** A reset has put a join or a loop back in progress, in its place. */
  | { readonly type: 'task.reopened'; readonly key: TaskKey; readonly attempt: number }
  /** It will be skipped when the flow comes to it. */
  | { readonly type: 'task.skip-asked'; readonly key: TaskKey; readonly reason: string }
  /** Output was given to a task that stays in progress. */
  | {
      readonly type: 'task.updated';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly reason: string;
    }
  | { readonly type: 'run.closing'; readonly status: EndStatus; readonly reason: string }
  | {
      readonly type: 'run.compensating';
      readonly status: EndStatus;
      readonly reason: string;
      readonly tasks: number;
    }
  | { readonly type: 'compensation.failed'; readonly task: TaskKey; readonly reason: string }
  | { readonly type: 'run.ended'; readonly status: EndStatus; readonly reason: string }
  | {
      readonly type: 'task.scheduled';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly taskType: string;
      readonly delayMs: number;
    }
  | {
      readonly type: 'task.dispatched';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly dispatch: number;
    }
  /** A run was asked for; the attempt is over when that run says so, or, for START_WORKFLOW, when it exists. */
  | {
      readonly type: 'child.requested';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly runId: RunId;
    }
  | {
      readonly type: 'task.started';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly delivery: number;
      readonly worker: string;
      readonly token: string;
    }
  | {
      readonly type: 'task.completed';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly status: OutcomeStatus;
      readonly token: string;
      readonly reason: string;
    }
  /** The decider itself ended the task: an operator, a time-out, a cancellation. */
  | {
      readonly type: 'task.decided';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly status: TaskStatus;
      readonly reason: string;
    }
  | {
      readonly type: 'task.redelivered';
      readonly key: TaskKey;
      readonly attempt: number;
      readonly why: string;
    }
  | {
      readonly type: 'fork.expanded';
      readonly key: TaskKey;
      readonly from: number;
      readonly to: number;
      readonly width: number;
    }
  | {
      readonly type: 'join.fired';
      readonly key: TaskKey;
      readonly status: TaskStatus;
      readonly branches: number;
    }
  | { readonly type: 'timer.ignored'; readonly timer: string; readonly reason: string }
  | { readonly type: 'repair.found'; readonly kind: RepairKind; readonly key: string };

/** An event as it stands in the history. */
export interface RecordedEvent {
  /** 1..n without a gap. */
  readonly version: number;
  /** ms since epoch by the store's clock. */
  readonly at: number;
  /** Process and verb. */
  readonly actor: string;
  readonly event: HistoryEvent;
}
