/*
 * Jobs of one task type, taken one by one when somebody asks.
 * Ownership: two connections; a job that was fetched is its taker's, who says `done` or `putBack`.
 * Invariant: what a taker forgets comes again by the stalled check, which runs while the fetcher is open.
 */
import { DelayedError, isNotConnectionError, type Job, WaitingError } from 'bullmq';
import { type Logger } from '@joinery/kit';
import { randomUUID } from 'node:crypto';
import { AbandonableWorker, backendOver, consumerSettings, JOB_LOCK_MS } from './bullmq-worker.ts';
import { putBack } from './put-back.ts';
import { DEFAULT_QUEUE_PREFIX, queueNameOf } from './queue-name.ts';
import { type RedisClient } from './redis-connection.ts';
import { type TaskJob, taskJobSchema } from './task-job.ts';

/** A job in hand. It is ours for 3 s; whoever needs longer claims the attempt first. */
export interface FetchedJob {
  readonly job: TaskJob;
  /** Takes the job out of its queue. */
  done(): Promise<void>;
  /** Gives the job to others; in front at 0 ms. */
  putBack(afterMs: number): Promise<void>;
}

/** Fetches jobs on demand: idle, it asks Redis for nothing but the stalled check. */
export interface JobFetcher {
  /** Waits for a job, at most about 5 s; null: none came. One call at a time. */
  next(): Promise<FetchedJob | null>;
  /** A job that waits now; null: none. One command; may be called while `next` waits. */
  tryNext(): Promise<FetchedJob | null>;
  /** Ends a waiting `next` with null, and the connections. */
  close(): Promise<void>;
}

/** Whose jobs are fetched, and over what. */
export interface JobFetcherOptions {
  readonly taskType: string;
  /** Opens a new connection at each call (two per fetcher); the fetcher ends them. */
  readonly connect: () => RedisClient;
  readonly log: Logger;
  /** Default `bull`. */
  readonly prefix?: string;
  /** Default 3000. */
  readonly lockDurationMs?: number;
  /** Default 1000. */
  readonly stalledIntervalMs?: number;
}

/** A caller wants to hear now and then that nothing came; each round is BullMQ's own blocking read, or a part of it. */
const NEXT_WITHIN_MS = 5_000;

/** Opens a fetcher. */
export function openJobFetcher(options: JobFetcherOptions): JobFetcher {
  return new BullmqJobFetcher(options);
}

class BullmqJobFetcher implements JobFetcher {
  readonly #token = randomUUID();
  readonly #log: Logger;
  readonly #worker: AbandonableWorker;
  readonly #connections: readonly RedisClient[];
  #isClosed = false;

  constructor(options: JobFetcherOptions) {
    const { taskType, connect, log, prefix = DEFAULT_QUEUE_PREFIX } = options;
    const { lockDurationMs = JOB_LOCK_MS, stalledIntervalMs = 1_000 } = options;
    const [commands, blocking] = [connect(), connect()];
    this.#log = log;
    this.#connections = [commands, blocking];
    this.#worker = new AbandonableWorker(
      queueNameOf(taskType),
      null,
      {
        ...consumerSettings({ lockDurationMs, stalledIntervalMs }),
        prefix,
        connection: commands,
        autorun: false,
      },
      backendOver({ prefix, commands, blocking }),
    );
    this.#worker.on('error', (err) => {
      if (this.#isClosed || !isNotConnectionError(err)) return;
      log.warn({ event: 'job-fetcher.failed', taskType, err }, 'fetching a job had an error');
    });
    void this.#worker.startStalledCheckTimer();
  }

  async next(): Promise<FetchedJob | null> {
    const endsAt = performance.now() + NEXT_WITHIN_MS;
    // BullMQ blocks only on a queue that it has found empty, and comes back early to look at a delayed job.
    while (!this.#isClosed && performance.now() < endsAt) {
      const job = await this.#fetch(true);
      if (job !== null) return job;
    }
    return null;
  }

  tryNext(): Promise<FetchedJob | null> {
    return this.#fetch(false);
  }

  async #fetch(block: boolean): Promise<FetchedJob | null> {
    if (this.#isClosed) return null;
    try {
      const job = await this.#worker.getNextJob(this.#token, { block });
      return job === undefined ? null : await this.#read(job);
    } catch (error) {
      if (this.#isClosed) return null;
      throw error;
    }
  }

  async #read(job: Job): Promise<FetchedJob | null> {
    const parsed = taskJobSchema.safeParse(job.data);
    if (parsed.success) return this.#inHand(job, parsed.data);
    const fields = { event: 'job.refused', queueName: job.queueName, jobId: job.id };
    this.#log.error({ ...fields, err: parsed.error }, 'a job holds no task');
    await job.moveToCompleted(null, this.#token, false);
    return null;
  }

  #inHand(job: Job, data: TaskJob): FetchedJob {
    return {
      job: data,
      done: async () => {
        await job.moveToCompleted(null, this.#token, false);
      },
      putBack: (afterMs) => putBack(job, this.#token, afterMs).catch(ignorePutBack),
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Forced: a blocking read ends with its connection, and nothing runs here that could be waited for.
    const closed = this.#worker.close(true).catch(() => undefined);
    this.#worker.abandon();
    for (const connection of this.#connections) connection.disconnect();
    await closed;
  }
}

/** The errors that tell BullMQ's own loop that the job is gone from it; there is none here. */
function ignorePutBack(error: unknown): void {
  if (!(error instanceof WaitingError) && !(error instanceof DelayedError)) throw error;
}
