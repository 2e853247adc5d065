import { type Clock, type Gauge, type Metrics } from '@joinery/kit';

/** A run that waits is taken again within this time: until then its last figure stands. */
const KEPT_MS = 2_000;

/** The longest wait for a decision in each partition, as this process has last seen it. */
export class WaitingGauge {
  readonly #clock: Clock;
  readonly #gauge: Gauge<'partition'> | undefined;
  readonly #seen = new Map<number, { readonly waitingMs: number; readonly at: number }>();

  constructor(metrics: Metrics | undefined, clock: Clock) {
    this.#clock = clock;
    this.#gauge = metrics?.gauge({
      name: 'oldest_undecided_seconds',
      help: 'Longest time for which a run of the partition has waited for a decision; above 2 x maxSweepAge an alert',
      labels: ['partition'],
    });
  }

  /** After each look: not every look sees the run that has waited longest. */
  note(partition: number, waitingMs: number): void {
    const at = this.#clock.now();
    const before = this.#seen.get(partition);
    if (before !== undefined && before.waitingMs > waitingMs && at - before.at < KEPT_MS) return;
    this.#seen.set(partition, { waitingMs, at });
    this.#gauge?.set({ partition: String(partition) }, waitingMs / 1000);
  }
}
