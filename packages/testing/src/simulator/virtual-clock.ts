import { type Clock } from '@joinery/kit';

/** Where simulated time begins: any moment does, and a real one shows in traces as such. */
export const EPOCH_MS = 1_700_000_000_000;

/** The one clock of a simulation. It moves when told to, and never back. */
export class VirtualClock implements Clock {
  #now = EPOCH_MS;

  now(): number {
    return this.#now;
  }

  /** Since the beginning, ms. */
  elapsedMs(): number {
    return this.#now - EPOCH_MS;
  }

  advanceTo(moment: number): void {
    this.#now = Math.max(this.#now, moment);
  }
}
