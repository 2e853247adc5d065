/*
 * The queue on which producers ask for runs, with plain BullMQ.
 * Invariants: a request is accepted or lands in the failed set, never lost; a redelivered one carries the same
 * default idempotency key, so that it starts no second run.
 */
import { createHash } from 'node:crypto';
import { type ErrorCategory, isJoineryError } from '@joinery/core';
import { backoffDelayMs, type Logger } from '@joinery/kit';
import { type Job, QueueKeys, UnrecoverableError } from 'bullmq';
import { JOB_LOCK_MS } from './bullmq-worker.ts';
import { countJobs } from './count-jobs.ts';
import { putBack } from './put-back.ts';
import { DEFAULT_QUEUE_PREFIX, START_QUEUE } from './queue-name.ts';
import { type QueueWorker, startQueueWorker } from './queue-worker.ts';
import { type RedisClient } from './redis-connection.ts';

/** A request from the start queue that has been read. */
export interface QueuedStart<Request> {
  readonly request: Request;
  /** The key of a request that brings none: the same for each delivery of this job. */
  readonly defaultIdempotencyKey: string;
}

/** How the start queue is served. */
export interface StartWorkerOptions<Request> {
  /** Reads the job's data; throws an error of category InvalidInput when it is not a request. */
  readonly parse: (payload: unknown) => Request;
  /** Starts the run. What it answers becomes the result of the BullMQ job, for producers that wait for it. */
  readonly start: (start: QueuedStart<Request>) => Promise<unknown>;
  readonly concurrency: number;
  /** Opens a new connection at each call; the worker ends them. */
  readonly connect: () => RedisClient;
  /** The process' shared connection, over which the worker is watched. */
  readonly connection: RedisClient;
  readonly log: Logger;
  /** Default `bull`. */
  readonly prefix?: string;
}

/** What sending the same request again would not change. */
const HOPELESS: ReadonlySet<ErrorCategory> = new Set(['InvalidInput', 'NotFound', 'Conflict']);

/** Errors that we do not know may be bugs: after so many deliveries the request goes to the failed set. */
const MAX_UNKNOWN_FAILURES = 20;

/** Starts to serve the queue `workflow-starts`. */
export function startStartWorker<Request>(options: StartWorkerOptions<Request>): QueueWorker {
  const prefix = options.prefix ?? DEFAULT_QUEUE_PREFIX;
  const keys = new QueueKeys(prefix);
  return startQueueWorker({
    queueName: START_QUEUE,
    prefix,
    concurrency: options.concurrency,
    lockDurationMs: JOB_LOCK_MS,
    stalledIntervalMs: 1_000,
    // Bounded, yet long enough for producers that wait for the run id, and for people who look for what failed.
    keep: { removeOnComplete: { age: 3_600, count: 1_000 }, removeOnFail: { count: 10_000 } },
    connect: options.connect,
    count: () => countJobs(options.connection, (type) => keys.toKey(START_QUEUE, type)),
    process: (job, token) => processStart(job, token, options),
    log: options.log,
  });
}

/** Of job id, time and data as BullMQ keeps them: ids alone are counters, which begin anew when Redis is emptied. */
export function defaultIdempotencyKeyOf(job: Pick<Job, 'id' | 'timestamp' | 'data'>): string {
  const identity = JSON.stringify([job.id, job.timestamp, job.data]);
  return createHash('sha256').update(identity).digest('hex');
}

async function processStart<Request>(
  job: Job,
  token: string,
  { parse, start, log }: StartWorkerOptions<Request>,
): Promise<unknown> {
  try {
    const defaultIdempotencyKey = defaultIdempotencyKeyOf(job);
    return await start({ request: parse(job.data), defaultIdempotencyKey });
  } catch (err) {
    const fields = { queueName: START_QUEUE, jobId: job.id, attempt: job.attemptsStarted, err };
    if (isHopeless(err, job.attemptsStarted)) {
      log.warn({ event: 'start.refused', ...fields }, 'a start request was refused');
      throw refusal(err);
    }
    log.warn({ event: 'start.postponed', ...fields }, 'a start request will be tried again');
    const backoff = { baseMs: 200, maxMs: 10_000 };
    return putBack(job, token, backoffDelayMs(backoff, job.attemptsStarted));
  }
}

/** Whether a request that failed so is not worth another try. */
export function isHopeless(error: unknown, deliveryCount: number): boolean {
  if (isJoineryError(error)) {
    if (HOPELESS.has(error.category)) return true;
    if (error.category === 'StoreUnavailable') return false;
  }
  return deliveryCount >= MAX_UNKNOWN_FAILURES;
}

/** BullMQ keeps only the message, so that the code has to be in it. */
function refusal(error: unknown): UnrecoverableError {
  const message = error instanceof Error ? error.message : String(error);
  const text = isJoineryError(error) ? `${error.code}: ${message}` : message;
  return Object.assign(new UnrecoverableError(text), { cause: error });
}
