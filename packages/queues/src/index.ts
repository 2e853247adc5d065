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
export {
  openJobFetcher,
  type FetchedJob,
  type JobFetcher,
  type JobFetcherOptions,
} from './job-fetcher.ts';
export { checkRedis, type RedisFacts } from './check-redis.ts';
export { DEFAULT_QUEUE_PREFIX, queueNameOf, START_QUEUE, taskTypeOf } from './queue-name.ts';
export type { CloseOutcome, QueueWorker } from './queue-worker.ts';
export { connectRedis, reconnectDelayMs, type RedisClient } from './redis-connection.ts';
export { taskJobSchema, type TaskJob } from './task-job.ts';
export {
  defaultIdempotencyKeyOf,
  type QueuedStart,
  startStartWorker,
  type StartWorkerOptions,
} from './start-queue.ts';
export {
  startTaskWorker,
  type TaskHandler,
  type TaskJobContext,
  type TaskOutcome,
  type TaskWorkerOptions,
} from './task-worker.ts';
export { createBullmqEventQueue, type EventQueue, type QueuedEvent } from './event-queue.ts';
