import type { TaskKey } from './ids.ts';
import type { JsonObject } from './json.ts';

/** What a person or another system asks of a whole run. `reason` is for the history. */
export type Operation = PlainOperation | TouchOperation | ReopenOperation;

/** Holds a run, lets it go on, or ends it. */
export interface PlainOperation {
  readonly type: 'pause' | 'resume' | 'terminate';
  readonly reason: string;
  /** Terminate: start the failure workflow all the same. Default: only what fails by itself starts it. */
  readonly triggersFailureWorkflow?: boolean;
}

/** Changes something of a run that goes on. */
export type TouchOperation = SkipOperation | SetVariablesOperation | UpdateTaskOperation;

/** Opens a run again that has ended. */
export type ReopenOperation = RetryOperation | RestartOperation | RerunOperation;

/** The task is not carried out: when the flow comes to it, it is SKIPPED with this output, and the flow goes on. */
export interface SkipOperation {
  readonly type: 'skip';
  /** A reference outside of loops, or a key; inside loops a reference means the present iteration. */
  readonly task: string;
  readonly input?: JsonObject;
  readonly output?: JsonObject;
  readonly reason: string;
}

/** Merges into the run's variables. */
export interface SetVariablesOperation {
  readonly type: 'set-variables';
  readonly variables: JsonObject;
  readonly reason: string;
}

/** The output, so far, of a task that stays in progress. */
export interface UpdateTaskOperation {
  readonly type: 'update-task';
  readonly key: TaskKey;
  readonly attempt: number;
  readonly output: JsonObject;
  readonly reason: string;
}

/** Whatever has failed or was canceled is tried again where it stands; what has succeeded is kept. */
export interface RetryOperation {
  readonly type: 'retry';
  readonly reason: string;
}

/** Everything from the beginning, with the same input or another one. */
export interface RestartOperation {
  readonly type: 'restart';
  /** Another definition than the one that the run is pinned to; the decision is asked with its plan. */
  readonly pinned?: { readonly planId: string; readonly version: number };
  readonly input?: JsonObject;
  readonly correlationId?: string;
  readonly reason: string;
}

/** A task and all that follows from it once more; and whatever else has failed. */
export interface RerunOperation {
  readonly type: 'rerun';
  readonly key: TaskKey;
  /** Instead of what its parameters come to. */
  readonly taskInput?: JsonObject;
  /** Instead of the run's. */
  readonly input?: JsonObject;
  readonly correlationId?: string;
  readonly reason: string;
}
