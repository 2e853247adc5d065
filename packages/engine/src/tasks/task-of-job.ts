import { parseTaskId, type RunId, type TaskKey } from '@joinery/core';
import { type TaskJob } from '@joinery/queues';

/** The task that a job is about; null when it names none, because somebody else has written it. */
export function taskOfJob(job: TaskJob): { readonly runId: RunId; readonly key: TaskKey } | null {
  const task = parseTaskId(job.taskId);
  return task?.runId === job.runId && task.key === job.key ? task : null;
}
