import { type Logger, settlesWithin } from '@joinery/kit';
import { type Job } from 'bullmq';
import { JOB_LOCK_MS } from './bullmq-worker.ts';
import { type JobQueue } from './job-queue.ts';
import { putBack } from './put-back.ts';
import { DEFAULT_QUEUE_PREFIX, queueNameOf } from './queue-name.ts';
import { ABORT_GRACE_MS, type QueueWorker, startQueueWorker } from './queue-worker.ts';
import { type RedisClient } from './redis-connection.ts';
import { type TaskJob, taskJobSchema } from './task-job.ts';

/** What became of a hint: dealt with, or not yet and to be delivered again (0: at once, to anybody). */
export type TaskOutcome = 'done' | { readonly putBackAfterMs: number };

/** What a handler gets besides the job. */
export interface TaskJobContext {
  /** Fires when the worker must end. The handler has 500 ms to answer; then the job is put back without it. */
  readonly signal: AbortSignal;
}

/**
 * Looks at the task attempt that a job names. Jobs come at least once, late, and in any order. A handler that throws
 * gets the job again after a second.
 */
export type TaskHandler = (job: TaskJob, context: TaskJobContext) => Promise<TaskOutcome>;

/** How a worker of one task type is set up. */
export interface TaskWorkerOptions {
  readonly taskType: string;
  readonly handle: TaskHandler;
  /** Jobs at a time. BullMQ reads the whole list of active jobs at each stalled check: at most some hundreds. */
  readonly concurrency: number;
  /** Opens a new connection at each call (two per worker); the worker ends them. See `connectRedis`. */
  readonly connect: () => RedisClient;
  /** The process' queue; over its connection the worker is watched. */
  readonly queue: Pick<JobQueue, 'waiting'>;
  readonly log: Logger;
  /** Default `bull`. */
  readonly prefix?: string;
  /** Lease of the job. Default 3000: with the check below a dead worker's job comes again within 4 s. */
  readonly lockDurationMs?: number;
  /** Default 1000. */
  readonly stalledIntervalMs?: number;
  /** Default 5000. */
  readonly deafAfterMs?: number;
}

/** After a handler threw: long enough not to spin, short against the sweeper's first look at a lost dispatch (2 s). */
const RETRY_AFTER_MS = 1_000;

/**
 * Starts to take the jobs of one task type. A lost job lock does not abort a handler: jobs are hints, and who may
 * complete an attempt is decided by its claim.
 */
export function startTaskWorker(options: TaskWorkerOptions): QueueWorker {
  const { taskType, handle, queue, log } = options;
  return startQueueWorker({
    queueName: queueNameOf(taskType),
    prefix: options.prefix ?? DEFAULT_QUEUE_PREFIX,
    concurrency: options.concurrency,
    lockDurationMs: options.lockDurationMs ?? JOB_LOCK_MS,
    stalledIntervalMs: options.stalledIntervalMs ?? 1_000,
    ...(options.deafAfterMs !== undefined && { deafAfterMs: options.deafAfterMs }),
    connect: options.connect,
    count: () => queue.waiting(taskType),
    process: (job, token, signal) => processTask({ job, token, signal, handle, log }),
    log,
  });
}

interface Delivery {
  readonly job: Job;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly handle: TaskHandler;
  readonly log: Logger;
}

async function processTask({ job, token, signal, handle, log }: Delivery): Promise<void> {
  const parsed = taskJobSchema.safeParse(job.data);
  if (!parsed.success) {
    // Not written by us, and not to be seen again; a dispatch that was damaged is repeated by the sweeper.
    const fields = { event: 'job.refused', queueName: job.queueName, jobId: job.id };
    log.error({ ...fields, err: parsed.error }, 'a job holds no task');
    return;
  }
  const answer = answerOf(parsed.data, { signal, handle, log });
  const outcome = await Promise.race([answer, putBackOnAbort(answer, signal)]);
  if (outcome !== 'done') await putBack(job, token, outcome.putBackAfterMs);
}

async function answerOf(
  job: TaskJob,
  { signal, handle, log }: Pick<Delivery, 'signal' | 'handle' | 'log'>,
): Promise<TaskOutcome> {
  try {
    return await handle(job, { signal });
  } catch (err) {
    if (signal.aborted) return { putBackAfterMs: 0 };
    const { runId, taskId, attempt } = job;
    log.error({ event: 'job.failed', runId, taskId, attempt, err }, 'a task handler threw');
    return { putBackAfterMs: RETRY_AFTER_MS };
  }
}

/** Settles only after an abort, and then whatever the handler does. */
async function putBackOnAbort(
  answer: Promise<TaskOutcome>,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
  return (await settlesWithin(answer, ABORT_GRACE_MS)) ? answer : { putBackAfterMs: 0 };
}
