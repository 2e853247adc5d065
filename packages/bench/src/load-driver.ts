/*
 * Ownership: the driver owns its client and its listener, and remembers the ids of all that it has started.
 * Interface: `startMany` and `settled` for what stands still, `closedLoop` for throughput, `oneByOne` for latency,
 * `verify` for the truth of it all.
 * Invariant: a number is answered only for workflows that have ended; one that does not end is an error.
 */
import { type EndListener } from './completion-channel.ts';
import { type BenchClient } from './subject.ts';

/** What a closed loop has done. */
export interface LoopResult {
  readonly finishedCount: number;
  /** From the first start to the last end, ms. */
  readonly elapsedMs: number;
}

/** Starts and checks of a kind that are not measured: this many at a time. */
const UNHURRIED = 32;

/** Puts load on a subject, from one process. */
export class LoadDriver {
  readonly #client: BenchClient;
  readonly #listener: EndListener;
  readonly #startedIds: string[] = [];
  #pending: Promise<unknown>[] = [];

  constructor(client: BenchClient, listener: EndListener) {
    this.#client = client;
    this.#listener = listener;
  }

  /** Starts workflows and does not wait for their ends. */
  async startMany(count: number): Promise<void> {
    await inParallel(count, UNHURRIED, async () => {
      const { started, ended } = this.#begin();
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

  /** Checks the result of every workflow so far; answers how many there were. */
  async verify(): Promise<number> {
    const ids = [...this.#startedIds];
    await inParallel(ids.length, UNHURRIED, async (index) => this.#client.verify(ids[index] ?? ''));
    return ids.length;
  }

  async close(): Promise<void> {
    this.#listener.close();
    await this.#client.close();
  }

  async #runOne(): Promise<void> {
    const { started, ended } = this.#begin();
    await Promise.all([started, ended]);
  }

  #begin(): { readonly started: Promise<void>; readonly ended: Promise<void> } {
    const id = this.#client.newId();
    this.#startedIds.push(id);
    const ended = this.#listener.ended(id);
    return { started: this.#client.start(id), ended };
  }
}

async function inParallel(
  count: number,
  width: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}
