import { execPipeline } from './exec-pipeline.ts';
import { jobIdOf } from './job-id.ts';
import { type RedisClient } from './redis-connection.ts';
import { type TaskJob } from './task-job.ts';

/** The Redis key of a list, a set or a job of a task type's queue. */
type KeyOf = (taskType: string, type: string) => string;

/**
 * Whether each job has its data and stands where BullMQ takes or keeps jobs. Data alone is not enough: a queue that lost
 * its lists and kept the rest would look whole for ever. Nearly all jobs that are asked for wait by their priority, and
 * cost two commands; the others are looked for everywhere.
 */
export async function findJobs(
  connection: RedisClient,
  jobs: readonly TaskJob[],
  keyOf: KeyOf,
): Promise<readonly boolean[]> {
  const pipeline = connection.pipeline();
  for (const job of jobs) {
    pipeline.exists(keyOf(job.taskType, jobIdOf(job)));
    pipeline.zscore(keyOf(job.taskType, 'prioritized'), jobIdOf(job));
  }
  const replies = await execPipeline(pipeline);
  return Promise.all(
    jobs.map(async (job, index) => {
      if (replies[2 * index] !== 1) return false;
      if (replies[2 * index + 1] !== null) return true;
      return isInAnyState(connection, job, keyOf);
    }),
  );
}

/** In one transaction: a job that moves from one state to another is in one of them. */
async function isInAnyState(connection: RedisClient, job: TaskJob, keyOf: KeyOf): Promise<boolean> {
  const id = jobIdOf(job);
  const replies = await execPipeline(
    connection
      .multi()
      .zscore(keyOf(job.taskType, 'prioritized'), id)
      .zscore(keyOf(job.taskType, 'delayed'), id)
      .lpos(keyOf(job.taskType, 'active'), id)
      .lpos(keyOf(job.taskType, 'wait'), id),
  );
  return replies.some((reply) => reply !== null);
}
