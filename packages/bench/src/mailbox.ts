import { createInMemoryJobQueue, type JobQueue, type TaskJob } from '@joinery/queues';

/** A queue in memory whose jobs are taken by run. */
export interface Mailbox {
  readonly queue: JobQueue;
  /** The oldest job of this run that nobody has taken. */
  take(runId: string): TaskJob | undefined;
}

/** Jobs by run, so that each walker works on its own. */
export function createMailbox(): Mailbox {
  const jobs = new Map<string, TaskJob[]>();
  const enqueue: JobQueue['enqueue'] = (added) => {
    for (const job of added) jobs.set(job.runId, [...(jobs.get(job.runId) ?? []), job]);
    return Promise.resolve(added.map(() => 'added' as const));
  };
  return {
    queue: Object.assign(createInMemoryJobQueue(), { enqueue }),
    take: (runId) => jobs.get(runId)?.shift(),
  };
}
