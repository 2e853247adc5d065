import { execPipeline } from './exec-pipeline.ts';
import { type JobCounts } from './job-queue.ts';
import { type RedisClient } from './redis-connection.ts';

/** Counts the jobs of one queue in O(1), whose keys `key` names. */
export async function countJobs(
  connection: RedisClient,
  key: (type: string) => string,
): Promise<JobCounts> {
  const pipeline = connection
    .pipeline()
    .llen(key('wait'))
    .llen(key('active'))
    .zcard(key('prioritized'))
    .zcard(key('delayed'))
    .hexists(key('meta'), 'paused');
  const [waiting, active, prioritized, delayed, paused] = await execPipeline(pipeline);
  return {
    waiting: Number(waiting),
    active: Number(active),
    prioritized: Number(prioritized),
    delayed: Number(delayed),
    isPaused: paused === 1,
  };
}
