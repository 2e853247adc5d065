import type { HistoryEvent } from './history-event.ts';
import type { TaskKey } from './ids.ts';
import type { Json } from './json.ts';
import type { Letter } from './letter.ts';
import type { RunPatch } from './run-state.ts';
import type { TaskRow } from './task-row.ts';
import type { TimerId } from './timer.ts';

/** A payload's place beside the run: a task's input or output, or the run's own. */
export type DataField =
  | `i:${string}`
  | `o:${string}`
  | 'run:input'
  | 'run:output'
  | 'run:variables';

/**
 * One change that a decision asks for. The store applies all commands of a decision in order and in one script,
 * after it has checked every presumption; durations become moments there.
 *
 * `put-task`  write the row. `presumes` = the `rev` that the row had when it was read, 0 = the key must not exist.
 *             Clears all timers of the task except `total`, its lease and its letter; a non-fresh terminal row that
 *             is not settled joins the to-do list, a settled one leaves it. `isFresh`: the store sets `scheduledAt`
 *             (and `firstScheduledAt` where it is 0) to its own now; `endedAt` likewise when the row is terminal and has none.
 * `keep-attempt` copy the stored row to `<key>@<attempt>` before it is replaced.
 *             `isBegun`: the row is put as a claim; the store sets `startedAt` and its fencing token.
 * `claim`     lease the row that is put, `leaseMs` from the commit: the worker that decides goes on with it.
 * `put-data`  write a payload.
 * `arrive`    add the key to the join's set of arrivals.
 * `leave`     take the key out of the join's set again, if it is there.
 * `arm-timer` due `delayMs` after the commit; replaces an earlier moment. `clear-timer` removes it.
 * `send`      put the letter into the outbox; a dispatch also sets the row's job check.
 * `patch-run` change fields of the run's record. `open` is an absolute number: guarded by the decision number, and only sent by a full evaluation; ordinary changes of `open` the store derives from the rows put (unsettled before/after).
 * `record`    append to the history.
 */
export type Command =
  | {
      readonly type: 'put-task';
      readonly row: TaskRow;
      readonly presumes: number;
      /**
       * The token that the row held when it was read. After a loss of writes revisions are given out again; tokens are not.
       * Absent: whoever holds it.
       */
      readonly presumesToken?: string;
      readonly isFresh: boolean;
      /** Whether the row counted as open (existed and unsettled) before. */
      readonly wasOpen: boolean;
      readonly isBegun?: boolean;
    }
  | { readonly type: 'claim'; readonly key: TaskKey; readonly leaseMs: number }
  | { readonly type: 'keep-attempt'; readonly key: TaskKey; readonly attempt: number }
  | { readonly type: 'put-data'; readonly field: DataField; readonly value: Json }
  | { readonly type: 'arrive'; readonly join: TaskKey; readonly key: TaskKey }
  | { readonly type: 'leave'; readonly join: TaskKey; readonly key: TaskKey }
  | { readonly type: 'arm-timer'; readonly timer: TimerId; readonly delayMs: number }
  | { readonly type: 'clear-timer'; readonly timer: TimerId }
  | { readonly type: 'send'; readonly letter: Letter }
  | { readonly type: 'patch-run'; readonly patch: RunPatch }
  | { readonly type: 'record'; readonly event: HistoryEvent };
