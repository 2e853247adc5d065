/*
 * A worker that ends in bounded time and does not stay deaf.
 * Ownership: one BullMQ Worker at a time; when it goes deaf another takes its place, and jobs that the old one still
 * runs end there (for that time more than `concurrency` may run).
 * Interface: startQueueWorker, close.
 * Invariants: close() answers within its bound plus HAND_BACK_MS whatever Redis does; no job begins once jobs are being
 * handed back; nothing that goes wrong here is an unhandled rejection.
 */
import { createLoop, type Logger, type Loop, settlesWithin, withDeadline } from '@joinery/kit';
import { type Job } from 'bullmq';
import { type BullmqWorker, type BullmqWorkerOptions, startBullmqWorker } from './bullmq-worker.ts';
import { createDeafWatch, type DeafWatch } from './deaf-watch.ts';
import { type JobCounts } from './job-queue.ts';
import { putBack } from './put-back.ts';

/** How a worker of one queue is set up. */
export interface QueueWorkerOptions extends Omit<BullmqWorkerOptions, 'process'> {
  /** Deals with one job. The signal fires when the worker must end; half a second later nobody waits any more. */
  readonly process: (job: Job, token: string, signal: AbortSignal) => Promise<unknown>;
  /** Counts the jobs of the queue, over a connection that is not the worker's. */
  readonly count: () => Promise<JobCounts>;
  /** A worker that takes nothing for so long although jobs wait is replaced. Default 5000. */
  readonly deafAfterMs?: number;
}

/**
 * How a close went. `drained`: all jobs ended. `handed-back`: some were put back and wait for another worker.
 * `abandoned`: Redis or a handler did not answer; others find the jobs by their stalled check.
 */
export type CloseOutcome = 'drained' | 'handed-back' | 'abandoned';

/** A running worker of one queue. */
export interface QueueWorker {
  /** The jobs whose handlers are running now. */
  readonly activeCount: number;
  /**
   * Fetches nothing more, waits for active jobs until the deadline (ms from now), then aborts their signals and puts them
   * back. Answers at the latest 1 s after the deadline. The second call gets the answer of the first.
   */
  close(deadlineMs: number): Promise<CloseOutcome>;
}

/** Handlers have half of this to answer an abort by themselves; Redis has the rest to take the jobs back. */
const HAND_BACK_MS = 1_000;

/** Often enough to find a deaf worker soon after `deafAfterMs`, and one small pipeline each time. */
const WATCH_INTERVAL_MS = 1_000;

/** Starts a worker. */
export function startQueueWorker(options: QueueWorkerOptions): QueueWorker {
  return new WatchedQueueWorker(options);
}

class WatchedQueueWorker implements QueueWorker {
  readonly #options: QueueWorkerOptions;
  readonly #log: Logger;
  readonly #watch: DeafWatch = createDeafWatch();
  readonly #loop: Loop;
  #worker: BullmqWorker;
  /** One per running handler, those of a replaced worker included. */
  readonly #active = new Set<AbortController>();
  readonly #onIdle: (() => void)[] = [];
  #takenCount = 0;
  #isHandingBack = false;
  #closing: Promise<CloseOutcome> | undefined;

  constructor(options: QueueWorkerOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#worker = this.#begin();
    this.#loop = createLoop({
      name: `watch ${options.queueName}`,
      intervalMs: () => WATCH_INTERVAL_MS,
      pass: () => this.#look(),
      logger: options.log,
    });
    this.#loop.start();
  }

  get activeCount(): number {
    return this.#active.size;
  }

  close(deadlineMs: number): Promise<CloseOutcome> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<CloseOutcome> {
    void this.#loop.stop(0);
    const stopped = this.#stop(this.#worker);
    // Not for `stopped`: with no handler running, a Redis that is away must not cost the whole deadline.
    const isDrained = await settlesWithin(this.#idle(), deadlineMs);
    this.#isHandingBack = true;
    for (const controller of this.#active) controller.abort('shutdown');
    const isStopped = await settlesWithin(stopped, HAND_BACK_MS);
    this.#worker.abandon();
    const outcome = !isStopped ? 'abandoned' : isDrained ? 'drained' : 'handed-back';
    const { queueName } = this.#options;
    const fields = { event: 'queue-worker.closed', queueName, outcome, count: this.#active.size };
    this.#log.info(fields, 'a queue worker was closed');
    return outcome;
  }

  #idle(): Promise<void> {
    if (this.#active.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #begin(): BullmqWorker {
    return startBullmqWorker({
      ...this.#options,
      process: (job, token) => this.#process(job, token),
    });
  }

  async #process(job: Job, token: string): Promise<unknown> {
    if (this.#isHandingBack) return putBack(job, token, 0);
    const controller = new AbortController();
    this.#takenCount += 1;
    this.#active.add(controller);
    try {
      return await this.#options.process(job, token, controller.signal);
    } finally {
      this.#active.delete(controller);
      if (this.#active.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    }
  }

  async #look(): Promise<void> {
    const counts = await this.#count();
    if (counts === null || this.#closing) return this.#watch.reset();
    const silentMs = this.#watch.silentMs({
      atMs: performance.now(),
      waiting: counts.isPaused ? 0 : counts.waiting + counts.prioritized,
      isFull: this.#active.size >= this.#options.concurrency,
      takenCount: this.#takenCount,
    });
    if (silentMs < (this.#options.deafAfterMs ?? 5_000)) return;
    this.#watch.reset();
    this.#replace(silentMs);
  }

  /** Null when Redis does not answer: then nobody can say who is deaf. */
  async #count(): Promise<JobCounts | null> {
    const limitMs = 2 * WATCH_INTERVAL_MS;
    return withDeadline(this.#options.count, { what: 'counting jobs', limitMs }).catch(() => null);
  }

  #replace(silentMs: number): void {
    const { queueName } = this.#options;
    const fields = { event: 'queue-worker.recreated', queueName, durationMs: Math.round(silentMs) };
    this.#log.warn(fields, 'a worker took no jobs although they wait; another takes its place');
    const deaf = this.#worker;
    this.#worker = this.#begin();
    // It can settle nothing any more: its jobs come again by the stalled check, to whoever hears.
    void this.#stop(deaf);
    deaf.abandon();
  }

  async #stop(worker: BullmqWorker): Promise<void> {
    const { queueName } = this.#options;
    await worker.stop().catch((err: unknown) => {
      this.#log.warn({ event: 'queue-worker.failed', queueName, err }, 'a worker ended badly');
    });
  }
}

/** Half of the time that a close leaves for handing back. */
export const ABORT_GRACE_MS = HAND_BACK_MS / 2;
