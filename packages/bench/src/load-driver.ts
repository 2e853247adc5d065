/*
 * Ownership: the driver owns its client and its listener, and remembers the ids of all that it has started.
 * Interface: `startMany` and `settled` for what stands still, `closedLoop` for throughput, `oneByOne` and `paced` for
 * latency, `startLoop` for starts alone, `verify` for the truth of it all.
 * Invariant: a number is answered only for workflows that have ended; one that does not end is an error.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type EndListener } from './completion-channel.ts';
import { inParallel } from './in-parallel.ts';
import { type BenchClient } from './subject.ts';

/** What a closed loop has done. */
export interface LoopResult {
  readonly finishedCount: number;
  /** From the first start to the last end, ms. */
  readonly elapsedMs: number;
}

/** What an open loop has seen. */
export interface PacedResult {
  /** From the moment at which a workflow was to start to the news of its end, ms. */
  readonly latenciesMs: readonly number[];
  /** Of the starts alone, ms. */
  readonly startsMs: readonly number[];
  /** From the last arrival at the join to the start of its successor, ms; empty where that is not known. */
  readonly successionsMs: readonly number[];
}

/** What starting alone has taken. */
export interface StartResult {
  /** Of each start, ms. */
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
}

/** What a check of everything has come to; the two numbers are the same unless something is missing. */
export interface VerifyResult {
  readonly startedCount: number;
  readonly verifiedCount: number;
}

/** Starts and checks of a kind that are not measured: this many at a time. */
const UNHURRIED = 32;

/** Puts load on a subject, from one process. */
export class LoadDriver {
  readonly #client: BenchClient;
  readonly #listener: EndListener;
  readonly #startedIds: string[] = [];
  /** What was told with the end of each. */
  readonly #told = new Map<string, string>();
  #pending: Promise<unknown>[] = [];

  constructor(client: BenchClient, listener: EndListener) {
    this.#client = client;
    this.#listener = listener;
  }

  /** Starts workflows and does not wait for their ends. */
  async startMany(count: number): Promise<void> {
    await inParallel(count, UNHURRIED, async () => {
      const { started, ended } = this.#begin(true);
      // Its failure is `settled`'s to tell.
      ended.catch(() => undefined);
      this.#pending.push(ended);
      await started;
    });
  }

  /** Waits for the ends of all that `startMany` has started. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
    this.#pending = [];
  }

  /** Keeps `inflight` workflows going for a time, then lets the last ones end. */
  async closedLoop(forMs: number, inflight: number): Promise<LoopResult> {
    const startedAt = performance.now();
    let finishedCount = 0;
    await inParallel(inflight, inflight, async () => {
      while (performance.now() - startedAt < forMs) {
        await this.#runOne();
        finishedCount += 1;
      }
    });
    return { finishedCount, elapsedMs: performance.now() - startedAt };
  }

  /**
   * Starts workflows at a steady rate whatever becomes of them. Latency counts from the moment at which each was to
   * start: a driver that is late does not flatter the subject.
   */
  async paced(forMs: number, ratePerSecond: number): Promise<PacedResult> {
    const startedAt = performance.now();
    const count = Math.floor((forMs * ratePerSecond) / 1000);
    const ids: string[] = [];
    const startsMs: number[] = [];
    const runs = Array.from({ length: count }, async (_, index) => {
      const dueAt = startedAt + (index * 1000) / ratePerSecond;
      await delay(Math.max(0, dueAt - performance.now()));
      const { id, started, ended } = this.#begin(false);
      const beganAt = performance.now();
      const starting = started.then(() => startsMs.push(performance.now() - beganAt));
      await Promise.all([starting, ended]);
      ids.push(id);
      return performance.now() - dueAt;
    });
    const latenciesMs = await Promise.all(runs);
    const successionsMs: number[] = [];
    await inParallel(ids.length, UNHURRIED, async (index) => {
      const ms = await this.#client.successionMs(ids[index] ?? '');
      if (ms !== null) successionsMs.push(ms);
    });
    return { latenciesMs, startsMs, successionsMs };
  }

  /** Starts as fast as `inflight` starts at a time go, without waiting for any end; `settled` does that. */
  async startLoop(forMs: number, inflight: number): Promise<StartResult> {
    const latenciesMs: number[] = [];
    const startedAt = performance.now();
    await inParallel(inflight, inflight, async () => {
      while (performance.now() - startedAt < forMs) {
        const beganAt = performance.now();
        const { started, ended } = this.#begin(false);
        ended.catch(() => undefined);
        this.#pending.push(ended);
        await started;
        latenciesMs.push(performance.now() - beganAt);
      }
    });
    return { latenciesMs, elapsedMs: performance.now() - startedAt };
  }

  /** The same with `size` starts in each call; latencies are of calls, and nobody waits for the ends. */
  async bulkLoop(forMs: number, inflight: number, size: number): Promise<StartResult> {
    const latenciesMs: number[] = [];
    const startedAt = performance.now();
    await inParallel(inflight, inflight, async () => {
      while (performance.now() - startedAt < forMs) {
        const beganAt = performance.now();
        if (this.#client.startBulk === undefined) throw new Error('nothing starts in bulk here');
        await this.#client.startBulk(size);
        latenciesMs.push(performance.now() - beganAt);
      }
    });
    return { latenciesMs, elapsedMs: performance.now() - startedAt };
  }

  /** The latencies of workflows each of which is alone, ms: from the start to the news of the end. */
  async oneByOne(count: number): Promise<readonly number[]> {
    const latencies: number[] = [];
    for (let done = 0; done < count; done += 1) {
      const startedAt = performance.now();
      await this.#runOne();
      latencies.push(performance.now() - startedAt);
    }
    return latencies;
  }

  /** Checks the result of every workflow so far. */
  async verify(): Promise<VerifyResult> {
    const ids = [...this.#startedIds];
    let verifiedCount = 0;
    await inParallel(ids.length, UNHURRIED, async (index) => {
      const id = ids[index] ?? '';
      await this.#client.verify(id, this.#told.get(id) ?? '');
      verifiedCount += 1;
    });
    return { startedCount: ids.length, verifiedCount };
  }

  async close(): Promise<void> {
    this.#listener.close();
    await this.#client.close();
  }

  async #runOne(): Promise<void> {
    const { started, ended } = this.#begin(false);
    await Promise.all([started, ended]);
  }

  #begin(isKept: boolean): Begun {
    const id = this.#client.newId();
    this.#startedIds.push(id);
    const ended = this.#listener.ended(id).then((told) => void this.#told.set(id, told));
    return { id, started: this.#client.start(id, isKept), ended };
  }
}

interface Begun {
  readonly id: string;
  readonly started: Promise<void>;
  readonly ended: Promise<void>;
}
