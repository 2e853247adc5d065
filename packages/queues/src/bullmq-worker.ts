/*
 * One BullMQ Worker whose connections are ours, so that it can be given up at any moment.
 * Ownership: two connections (commands, blocking reads), opened here and closed by `abandon` alone.
 * Invariant: after `abandon` nothing of it keeps the process alive but the caller's own handlers.
 */
import {
  type BackendFactory,
  type IQueueBackend,
  isNotConnectionError,
  type Job,
  QueueKeys,
  RedisConnection,
  RedisQueueBackend,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { type Logger } from '@joinery/kit';
import { type RedisClient } from './redis-connection.ts';

/** How one BullMQ Worker is set up. */
export interface BullmqWorkerOptions {
  readonly queueName: string;
  readonly prefix: string;
  readonly concurrency: number;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
  /** What stays of ended jobs. Default: nothing, ids of dispatches must become free. */
  readonly keep?: Pick<WorkerOptions, 'removeOnComplete' | 'removeOnFail'>;
  /** Opens a connection of its own for each call. */
  readonly connect: () => RedisClient;
  readonly process: (job: Job, token: string) => Promise<unknown>;
  readonly log: Logger;
}

/** A running BullMQ Worker. */
export interface BullmqWorker {
  /** Fetches nothing more; settles when the active jobs have ended. May never settle while Redis is away. */
  stop(): Promise<void>;
  /** Ends connections and timers at once; what is active is left to the stalled check of others. */
  abandon(): void;
}

/** Starts a BullMQ Worker. */
export function startBullmqWorker(options: BullmqWorkerOptions): BullmqWorker {
  const { queueName, prefix, concurrency, log, connect } = options;
  const commands = connect();
  const blocking = connect();
  const worker = new AbandonableWorker(
    queueName,
    async (job: Job, token: string | undefined) => options.process(job, token ?? ''),
    { ...consumerSettings(options), concurrency, prefix, connection: commands },
    backendOver({ prefix, commands, blocking }),
  );
  worker.on('error', (err) => {
    // Connection errors are logged by whoever opened the connection.
    if (isNotConnectionError(err)) {
      log.warn({ event: 'queue-worker.failed', queueName, err }, 'a BullMQ worker had an error');
    }
  });
  worker.on('stalled', (jobId) => {
    log.info({ event: 'job.stalled', queueName, jobId }, 'a job of a lost worker waits again');
  });
  return {
    stop: () => worker.close(),
    abandon() {
      worker.abandon();
      commands.disconnect();
      blocking.disconnect();
    },
  };
}

/**
 * How long a fetched job is its worker's, ms. When the worker dies before its claim, the job comes again after this and
 * a stalled check, a second later. It may be short: a job whose lock was lost is looked at twice, and claimed once.
 */
export const JOB_LOCK_MS = 3_000;

/** What every consumer of a queue tells BullMQ. */
export function consumerSettings(
  options: Pick<BullmqWorkerOptions, 'lockDurationMs' | 'stalledIntervalMs' | 'keep'>,
): Omit<WorkerOptions, 'connection'> {
  return {
    lockDuration: options.lockDurationMs,
    stalledInterval: options.stalledIntervalMs,
    // Deliveries are counted by us. BullMQ's default of 1 fails a job whose worker is killed twice.
    maxStalledCount: 1_000_000,
    // Seconds of one blocking read. A worker that dies between the wake-up and the fetch takes the wake-up of the others
    // with it: they find the job when their read ends. Less costs an idle worker more than a read per type in two seconds.
    drainDelay: 2,
    // BullMQ's 15 s would be added to every outage of Redis.
    runRetryDelay: 500,
    removeOnComplete: options.keep?.removeOnComplete ?? { count: 0 },
    removeOnFail: options.keep?.removeOnFail ?? { count: 0 },
  };
}

/** The connections of a consumer: for commands, and for blocking reads. */
export interface BackendParts {
  readonly prefix: string;
  readonly commands: RedisClient;
  readonly blocking: RedisClient;
}

/** BullMQ's backend over two connections that are ours. */
export function backendOver({ prefix, commands, blocking }: BackendParts): BackendFactory {
  const keys = new QueueKeys(prefix);
  return (name, opts) =>
    new RedisQueueBackend(
      new RedisConnection(commands, { shared: true, blocking: false }),
      name,
      keys.getKeys(name),
      (type) => keys.toKey(name, type),
      opts,
      new RedisConnection(blocking, { shared: true, blocking: true }),
    );
}

/** A Worker that can be given up with jobs in hand. */
export class AbandonableWorker extends Worker<unknown, unknown, string, IQueueBackend> {
  /** BullMQ's close does this only after the last job has ended, and until then a timer renews locks. */
  abandon(): void {
    void this.lockManager.close();
  }
}
