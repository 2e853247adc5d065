import { joineryError } from '@joinery/core';
import { type TaskJob } from './task-job.ts';

/** What a job id says: one dispatch of one attempt of one task. */
export type JobIdParts = Pick<TaskJob, 'taskId' | 'attempt' | 'dispatch'>;

/**
 * `<task id>.<attempt>.<dispatch>`. A dispatch that was lost is repeated under a new number, because BullMQ silently
 * ignores an id that it still knows.
 */
export function jobIdOf({ taskId, attempt, dispatch }: JobIdParts): string {
  // BullMQ keeps its keys apart with colons and refuses them in ids.
  if (taskId === '' || taskId.includes(':')) {
    throw joineryError('JN_INVARIANT_BROKEN', {
      what: 'A task id is not empty and has no colon',
      problem: `it is ${JSON.stringify(taskId)}`,
    });
  }
  return `${taskId}.${attempt}.${dispatch}`;
}

/** Reads a job id; null when it is not one of ours. */
export function parseJobId(jobId: string): JobIdParts | null {
  const match = /^([^:]+)\.(\d{1,15})\.(\d{1,15})$/u.exec(jobId);
  const [, taskId, attempt, dispatch] = match ?? [];
  if (taskId === undefined) return null;
  return { taskId, attempt: Number(attempt), dispatch: Number(dispatch) };
}

/** What people see in Bull Board: `<definition>/<task reference>`. */
export function jobNameOf({ definition, ref }: Pick<TaskJob, 'definition' | 'ref'>): string {
  return `${definition}/${ref}`;
}
