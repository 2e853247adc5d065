import type { DataField } from './command.ts';
import type { TaskKey } from './ids.ts';
import type { Evaluation, EvaluationResult } from './evaluation.ts';
import type { Json, JsonObject } from './json.ts';
import type { RunState } from './run-state.ts';
import type { OutcomeStatus } from './status.ts';
import type { TaskRow } from './task-row.ts';
import type { TimerId } from './timer.ts';

/** A page of a run's open rows, while the run is being closed. */
export interface OpenPage {
  readonly rows: readonly TaskRow[];
  /** There is at least one more page. */
  readonly hasMore: boolean;
}

/** What is known of the watch over one row: full evaluations compare it with the row's status. */
export interface Watch {
  readonly timers: ReadonlySet<TimerId>;
  /** Keys with a lease entry, and keys with a job check or an unsent letter. */
  readonly leases: ReadonlySet<TaskKey>;
  readonly checks: ReadonlySet<TaskKey>;
}

/** A run that an open task waits for, when it is not as the task says. */
export type StrayChild =
  /** There is no such run, and nothing is on its way that would start it. */
  | { readonly type: 'absent' }
  /** It has ended, and nothing is on its way that would tell. */
  | {
      readonly type: 'ended';
      readonly status: OutcomeStatus;
      readonly reason: string;
      readonly output: JsonObject;
    };

/**
 * The part of a run that a decision is made on. A key that is absent from a map was not loaded;
 * `null` (rows) or `undefined`-valued entries do not occur: known absence is `null`.
 */
export interface Slice {
  readonly run: RunState;
  readonly rows: ReadonlyMap<TaskKey, TaskRow | null>;
  readonly data: ReadonlyMap<DataField, Json | null>;
  /** Number of distinct arrivals per join. */
  readonly arrivals: ReadonlyMap<TaskKey, number>;
  /** Terminal rows that nobody has acted upon, oldest first; at most one page. */
  readonly todo: readonly TaskKey[];
  readonly hasMoreTodo: boolean;
  /** Timers whose moment has come by the store's clock; at most one page. */
  readonly due: readonly TimerId[];
  /** Present while the run is closing. */
  readonly openPage: OpenPage | null;
  /** Every row was loaded: compare state with itself. */
  readonly whole: Watch | null;
  /** With `whole`: the tasks whose run has strayed. Absent: none has, or nobody has looked. */
  readonly strays?: ReadonlyMap<TaskKey, StrayChild>;
  /** The store's now, ms since epoch. */
  readonly at: number;
  /** What the scripts came to that a decision has asked for, by their ids. */
  readonly evaluations?: ReadonlyMap<string, EvaluationResult>;
  /** The run does not exist yet: what is not in the slice does not exist either. */
  readonly isNew?: boolean;
}

/** What a decision lacks. The engine reads it and asks again. */
export interface Needs {
  readonly rows: readonly TaskKey[];
  readonly data: readonly DataField[];
  readonly arrivals: readonly TaskKey[];
  /** Every row, and what watches over them. */
  readonly whole?: boolean;
  /** Scripts that are to be run, for this decision alone. */
  readonly evaluations?: readonly Evaluation[];
}
