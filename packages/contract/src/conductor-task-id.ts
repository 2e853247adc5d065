import { parseTaskId, type RunId, taskIdOf, type TaskKey } from '@joinery/core';

/** One attempt of one task, as Conductor's clients name it. */
export interface TaskAttempt {
  readonly runId: RunId;
  readonly key: TaskKey;
  /** From 1. */
  readonly attempt: number;
}

/**
 * Conductor's `taskId`: `<task id>.<attempt>`. Each attempt has an id of its own there, so that the late result of a
 * timed-out attempt names what has ended, and not its successor.
 */
export function conductorTaskIdOf({ runId, key, attempt }: TaskAttempt): string {
  return `${taskIdOf(runId, key)}.${attempt}`;
}

/** Reads Conductor's `taskId`; null when it is none of ours. */
export function parseConductorTaskId(text: string): TaskAttempt | null {
  const dot = text.lastIndexOf('.');
  const task = parseTaskId(text.slice(0, Math.max(dot, 0)));
  const attempt = text.slice(dot + 1);
  return task !== null && /^[1-9]\d{0,8}$/.test(attempt)
    ? { ...task, attempt: Number(attempt) }
    : null;
}
