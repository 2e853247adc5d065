/*
 * The JobQueue on BullMQ: one queue per task type over one shared connection.
 * Ownership: the connection is the caller's; the Queue objects are ours and have no connection of their own.
 * Invariant: a call that failed may be repeated as it is; job ids make every write idempotent.
 */
import { Queue, QueueKeys } from 'bullmq';
import { countJobs } from './count-jobs.ts';
import { jobIdOf, jobNameOf } from './job-id.ts';
import { type EnqueueResult, type JobCounts, type JobQueue, type ScanPage } from './job-queue.ts';
import { findJobs } from './find-jobs.ts';
import { scanJobs } from './scan-jobs.ts';
import { DEFAULT_QUEUE_PREFIX, queueNameOf } from './queue-name.ts';
import { execPipeline } from './exec-pipeline.ts';
import { type RedisClient } from './redis-connection.ts';
import { type TaskJob } from './task-job.ts';

/** What a JobQueue on BullMQ needs. */
export interface BullmqJobQueueOptions {
  /** Shared by all queues; stays the caller's. `maxRetriesPerRequest` must be null or 0. */
  readonly connection: RedisClient;
  /** Default `bull`. */
  readonly prefix?: string;
}

/** Jobs per pipeline: enough to make round trips negligible, few enough to let others in between. */
const BATCH = 1_000;

/** Events are for people who watch, our state never depends on them; BullMQ's default of 10,000 is memory per queue. */
const EVENTS_KEPT = 100;

/** Creates the JobQueue on BullMQ. */
export function createBullmqJobQueue(options: BullmqJobQueueOptions): JobQueue {
  return new BullmqJobQueue(options);
}

class BullmqJobQueue implements JobQueue {
  readonly #connection: RedisClient;
  readonly #prefix: string;
  readonly #keys: QueueKeys;
  readonly #queues = new Map<string, Queue>();

  constructor({ connection, prefix = DEFAULT_QUEUE_PREFIX }: BullmqJobQueueOptions) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.#keys = new QueueKeys(prefix);
  }

  async enqueue(jobs: readonly TaskJob[]): Promise<readonly EnqueueResult[]> {
    const byType = new Map<string, TaskJob[]>();
    for (const job of jobs) {
      const group = byType.get(job.taskType);
      if (group) group.push(job);
      else byType.set(job.taskType, [job]);
    }
    const known = new Set<string>();
    const groups = [...byType].map(([type, group]) => this.#enqueueGroup(type, group, known));
    await Promise.all(groups);
    return jobs.map((job) => {
      const id = jobIdOf(job);
      if (known.has(id)) return 'duplicate';
      // The same id twice in one call: the first was added.
      known.add(id);
      return 'added';
    });
  }

  async #enqueueGroup(
    taskType: string,
    jobs: readonly TaskJob[],
    known: Set<string>,
  ): Promise<void> {
    const queue = this.#queueOf(taskType);
    for (let from = 0; from < jobs.length; from += BATCH) {
      const batch = jobs.slice(from, from + BATCH);
      // BullMQ does not say whether it took a job. Not awaited: sent ahead of the jobs on the same connection, the
      // question is answered before they are there and costs no round trip.
      const [present] = await Promise.all([
        this.#areKnown(batch),
        this.#connection.sadd(this.#typesKey, taskType),
        queue.addBulk(batch.map((job) => bulkEntry(job))),
      ]);
      for (const [index, job] of batch.entries()) if (present[index]) known.add(jobIdOf(job));
    }
  }

  async exists(jobs: readonly TaskJob[]): Promise<readonly boolean[]> {
    return findJobs(this.#connection, jobs, (taskType, type) => this.#key(taskType, type));
  }

  /** Whether BullMQ would ignore these ids: it goes by the data of a job alone. */
  async #areKnown(jobs: readonly TaskJob[]): Promise<readonly boolean[]> {
    const pipeline = this.#connection.pipeline();
    for (const job of jobs) pipeline.exists(this.#key(job.taskType, jobIdOf(job)));
    const replies = await execPipeline(pipeline);
    return replies.map((reply) => reply === 1);
  }

  async remove(jobs: readonly TaskJob[]): Promise<readonly boolean[]> {
    return Promise.all(jobs.map((job) => this.#remove(job)));
  }

  /** BullMQ answers the same for a job that was waiting and for one that is not there: we take it out ourselves. */
  async #remove(job: TaskJob): Promise<boolean> {
    const id = jobIdOf(job);
    const pipeline = this.#connection
      .pipeline()
      .zrem(this.#key(job.taskType, 'prioritized'), id)
      .zrem(this.#key(job.taskType, 'delayed'), id)
      .lrem(this.#key(job.taskType, 'wait'), 1, id);
    const isTaken = (await execPipeline(pipeline)).includes(1);
    if (isTaken) await this.#queueOf(job.taskType).remove(id);
    return isTaken;
  }

  async waiting(taskType: string): Promise<JobCounts> {
    return countJobs(this.#connection, (type) => this.#key(taskType, type));
  }

  async scan(taskType: string, cursor: string | null, limit: number): Promise<ScanPage> {
    const key = (type: string): string => this.#key(taskType, type);
    return scanJobs({ connection: this.#connection, key, cursor, limit });
  }

  async taskTypes(): Promise<readonly string[]> {
    return (await this.#connection.smembers(this.#typesKey)).toSorted();
  }

  async close(): Promise<void> {
    const queues = [...this.#queues.values()];
    this.#queues.clear();
    await Promise.all(queues.map((queue) => queue.close()));
  }

  /** Not below any queue of BullMQ, whose keys all have one more colon. */
  get #typesKey(): string {
    return `${this.#prefix}:task-types`;
  }

  #key(taskType: string, type: string): string {
    return this.#keys.toKey(queueNameOf(taskType), type);
  }

  #queueOf(taskType: string): Queue {
    const known = this.#queues.get(taskType);
    if (known) return known;
    const queue = new Queue(queueNameOf(taskType), {
      connection: this.#connection,
      prefix: this.#prefix,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    // The errors of the shared connection, once per queue: its owner logs them, and calls reject by themselves.
    queue.on('error', () => undefined);
    this.#queues.set(taskType, queue);
    return queue;
  }
}

function bulkEntry(job: TaskJob): Parameters<Queue['addBulk']>[0][number] {
  const { priority } = job;
  return {
    name: jobNameOf(job),
    data: job,
    opts: { jobId: jobIdOf(job), ...(priority > 0 && { priority }) },
  };
}
