import type { RunId, TaskKey } from './ids.ts';
import type { JsonObject } from './json.ts';
import type { TaskLimits } from './task-row.ts';

/** What a committed transition asks another slot to do; delivered at least once, idempotent at the receiver. */
export type Letter = DispatchLetter | RunLetter;

/** A letter that leaves the run: another run reads it or is made by it, or it is published. Stays in the outbox until it is acknowledged. */
export type RunLetter =
  | StartChildLetter
  | StartRunLetter
  | StartFailureRunLetter
  | NotifyParentLetter
  | CancelChildLetter
  | EventLetter;

/** "Look at this task attempt": becomes a BullMQ job. Leaves the outbox when the attempt is claimed or closed. */
export interface DispatchLetter {
  readonly type: 'dispatch';
  readonly key: TaskKey;
  readonly ref: string;
  readonly taskType: string;
  readonly attempt: number;
  readonly dispatch: number;
  readonly priority: number;
  /** Absent: nothing limits it. */
  readonly limits?: TaskLimits;
}

/** Start the run `to` for an attempt of a SUB_WORKFLOW task; what of, says the task's input. */
export interface StartChildLetter {
  readonly type: 'start-child';
  readonly to: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
}

/** Start the run `to` for an attempt of a START_WORKFLOW task, which is over with it. */
export interface StartRunLetter {
  readonly type: 'start-run';
  readonly to: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
}

/** The sender has failed: start the run `to` of its failure workflow, which is told of the sender as it is then. */
export interface StartFailureRunLetter {
  readonly type: 'start-failure-run';
  readonly to: RunId;
  /** A name that no task has: a run has one such letter for each of its ends. */
  readonly key: TaskKey;
  readonly attempt: number;
  readonly name: string;
  /** Null = the latest. */
  readonly version: number | null;
  /** The task for which the sender has ended; null = another cause. */
  readonly task: TaskKey | null;
}

/** The sender has ended: so has this attempt of its parent's task, with what the sender's record says. */
export interface NotifyParentLetter {
  readonly type: 'notify-parent';
  readonly to: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
}

/** Nobody waits for the run `to` any more: it is terminated, or never begins. */
export interface CancelChildLetter {
  readonly type: 'cancel-child';
  readonly to: RunId;
  readonly key: TaskKey;
  readonly attempt: number;
  readonly reason: string;
}

/** Publish an event. Its payload goes with it: the run may have gone on, or back, when it is published. */
export interface EventLetter {
  readonly type: 'event';
  readonly key: TaskKey;
  readonly attempt: number;
  /** Tells the events of one attempt apart; empty for the one of an EVENT task. */
  readonly part: string;
  /** `conductor:…`, `redis:…`, `bullmq:…`. */
  readonly sink: string;
  readonly payload: JsonObject;
}

/** Deterministic id of a letter inside its run's outbox: one per task for dispatches, else one per attempt. */
export function letterIdOf(letter: Letter): string {
  if (letter.type === 'dispatch') return `${letter.type}:${letter.key}`;
  const part = letter.type === 'event' ? letter.part : '';
  return `${letter.type}:${letter.key}@${letter.attempt}${part}`;
}
