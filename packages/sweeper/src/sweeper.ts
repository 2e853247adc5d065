/*
 * Ownership: a sweeper owns nothing that it could lose: how far it has come in each queue, at most.
 * Interface: a Service. Any number of them, killable anywhere.
 * Invariants:
 *  S1 it never decides a run; it makes coordinators look, and queues agree with the store.
 *  S2 one partition, run or queue that fails does not keep it from the others.
 *  S3 the work of a pass is bounded; what is left over comes with the next one.
 */
import {
  advanceGates,
  type Engine,
  lookAtRuns,
  type LookReport,
  ORPHAN_GRACE_MS,
  type QueuePosition,
  repairQueue,
} from '@joinery/engine';
import { createLoop, type Loop, type Service, type Timers } from '@joinery/kit';
import { WaitingGauge } from './waiting-gauge.ts';

/** How a sweeper works. */
export interface SweeperOptions {
  /** From the end of a pass to the next, ms. Default 500: what a lost nudge costs at most, besides the pass. */
  readonly intervalMs?: number;
  /** Runs per script. Default 200. */
  readonly batch?: number;
  /** Between two comparisons of a queue with the store, ms. Default 60,000: only room and noise depend on it. */
  readonly queueEveryMs?: number;
  readonly timers?: Timers;
}

/** A partition with more due runs than this many batches waits for the next pass: its neighbours want their turn. */
const BATCHES_LIMIT = 5;
/** Runs that are removed per pass, in one partition after the other. */
const PURGE_LIMIT = 50;

/** Creates the service that looks at what is due, in all partitions, and mends what has diverged. */
export function createSweeper(engine: Engine, options: SweeperOptions = {}): Service {
  return new Sweeper(engine, options);
}

/** How far the comparison of a queue has come. */
interface QueueTurn {
  readonly from: QueuePosition | null;
  readonly dueAt: number;
}

class Sweeper implements Service {
  readonly name = 'sweeper';
  readonly #engine: Engine;
  readonly #batch: number;
  readonly #queueEveryMs: number;
  readonly #loop: Loop;
  readonly #waiting: WaitingGauge;
  readonly #turns = new Map<string, QueueTurn>();
  #passCount: number;

  constructor(engine: Engine, options: SweeperOptions) {
    const { intervalMs = 500, timers } = options;
    this.#engine = engine;
    this.#batch = options.batch ?? 200;
    this.#queueEveryMs = options.queueEveryMs ?? 60_000;
    this.#waiting = new WaitingGauge(engine.metrics, engine.clock);
    // Several sweepers begin at different partitions.
    this.#passCount = engine.entropy.seed() % engine.store.partitions;
    this.#loop = createLoop({
      name: this.name,
      intervalMs: () => intervalMs,
      pass: (signal) => this.#pass(signal),
      logger: engine.logger,
      ...(timers ? { timers } : {}),
    });
  }

  async start(): Promise<void> {
    this.#loop.start();
  }

  async drain(): Promise<void> {
    await this.#loop.stop(5_000);
  }

  async stop(): Promise<void> {
    await this.#loop.stop(1_000);
  }

  async #pass(signal: AbortSignal): Promise<void> {
    const { partitions } = this.#engine.store;
    const first = this.#passCount % partitions;
    this.#passCount += 1;
    const failures: unknown[] = [];
    const attempt = async (work: () => Promise<void>): Promise<void> => {
      if (signal.aborted) return;
      await work().catch((error: unknown) => failures.push(error));
    };
    for (let step = 0; step < partitions; step += 1) {
      await attempt(() => this.#sweepPartition((first + step) % partitions, signal));
    }
    await attempt(() => advanceGates(this.#engine));
    await attempt(() => this.#compareQueues(signal));
    await attempt(() => this.#purge(first));
    if (failures.length > 0) {
      throw new AggregateError(failures, `${failures.length} parts of a sweep failed`);
    }
  }

  async #sweepPartition(partition: number, signal: AbortSignal): Promise<void> {
    for (let count = 0; count < BATCHES_LIMIT && !signal.aborted; count += 1) {
      const report = await lookAtRuns(this.#engine, partition, { limit: this.#batch });
      this.#noteGap(partition, report);
      this.#waiting.note(partition, report.waitingMs);
      if (report.takenCount < this.#batch) return;
    }
  }

  #noteGap(partition: number, { gapMs }: LookReport): void {
    if (gapMs === 0) return;
    this.#engine.logger.warn(
      { event: 'sweep.missed', partition, durationMs: gapMs },
      'nobody has swept this partition for a while, or the clock of Redis was set',
    );
  }

  /** One chunk of each queue that has its turn. */
  async #compareQueues(signal: AbortSignal): Promise<void> {
    for (const taskType of await this.#engine.queue.taskTypes()) {
      const turn = this.#turns.get(taskType) ?? { from: null, dueAt: 0 };
      const now = this.#engine.clock.now();
      if (signal.aborted || now < turn.dueAt) continue;
      const { next } = await repairQueue(this.#engine, taskType, { from: turn.from });
      const pauseMs = next === null ? this.#queueEveryMs : ORPHAN_GRACE_MS;
      const isPausing = next === null || next.suspects.length > 0;
      this.#turns.set(taskType, { from: next, dueAt: isPausing ? now + pauseMs : 0 });
    }
  }

  async #purge(partition: number): Promise<void> {
    await this.#engine.store.purge(partition, PURGE_LIMIT);
  }
}
