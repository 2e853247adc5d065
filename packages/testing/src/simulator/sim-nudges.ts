import { type RunId } from '@joinery/core';
import { type Nudges } from '@joinery/store';

/** Nudges that do not wait: who finds none is parked until there is one. */
export class SimNudges implements Nudges {
  readonly #runIds: RunId[] = [];
  /** How often the next push counts: 0 loses it, 2 doubles it. Back to 1 after it. */
  nextPushCounts = 1;

  get size(): number {
    return this.#runIds.length;
  }

  get waiting(): readonly RunId[] {
    return this.#runIds;
  }

  async push(runIds: readonly RunId[]): Promise<void> {
    for (let time = 0; time < this.nextPushCounts; time += 1) this.#runIds.push(...runIds);
    this.nextPushCounts = 1;
  }

  async pop(_waitMs: number, limit: number): Promise<readonly RunId[]> {
    return this.#runIds.splice(0, limit);
  }

  forget(): void {
    this.#runIds.length = 0;
  }

  async close(): Promise<void> {
    this.forget();
  }
}
