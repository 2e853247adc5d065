export { jobIdOf, jobNameOf, parseJobId, type JobIdParts } from './job-id.ts';
export { createBullmqJobQueue, type BullmqJobQueueOptions } from './bullmq-job-queue.ts';
export {
  createInMemoryJobQueue,
  type InMemoryJobQueue,
  type JobFaults,
} from './in-memory-job-queue.ts';
export type {
  EnqueueResult,
  JobCounts,
  JobQueue,
  JobState,
  ScannedJob,
  ScanPage,
} from './job-queue.ts';
export { DEFAULT_QUEUE_PREFIX, queueNameOf, START_QUEUE, taskTypeOf } from './queue-name.ts';
export { connectRedis, reconnectDelayMs, type RedisClient } from './redis-connection.ts';
export { taskJobSchema, type TaskJob } from './task-job.ts';
