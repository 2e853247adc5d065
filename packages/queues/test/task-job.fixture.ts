import { type TaskJob } from '@joinery/queues';

/** A job with an id of its own per `n`. */
export function taskJob(n: number | string, overrides: Partial<TaskJob> = {}): TaskJob {
  return {
    runId: '00-run00000',
    key: `task${n}`,
    taskId: `00-run00000.task${n}`,
    attempt: 1,
    dispatch: 1,
    taskType: 'charge',
    definition: 'order',
    ref: 'charge_ref',
    priority: 0,
    ...overrides,
  };
}
