import type { ClaimedTask, GoOn } from '@joinery/engine';
import type { ClaimDesk, NextTask } from './claim-desk.ts';
import type { Task } from './define-task.ts';

/**
 * The place of the task with which a worker goes on: taken while the decision is made, kept if the store applies it,
 * else given back.
 */
export class NextPlace {
  readonly #desk: ClaimDesk;
  readonly #hop: number;
  #task: Task | null = null;

  constructor(desk: ClaimDesk, hop: number) {
    this.#desk = desk;
    this.#hop = hop;
  }

  /** What the store is offered; null when this worker has gone on for long enough. */
  offer(): GoOn | null {
    const { entropy, places, timings, workerId } = this.#desk;
    if (this.#hop >= timings.continuationLimit) return null;
    return {
      takes: (taskType) => {
        this.#task ??= places.take(taskType);
        return this.#task !== null;
      },
      worker: workerId,
      leaseMs: timings.claimLeaseMs,
      token: entropy.randomId(),
    };
  }

  /** The next task with its place, which is no longer ours. */
  use(claimed: ClaimedTask | null): NextTask | null {
    const task = this.#task;
    if (claimed === null || task === null) return null;
    this.#task = null;
    return { task, claimed, hop: this.#hop + 1 };
  }

  giveBack(): void {
    if (this.#task !== null) this.#desk.places.leave(this.#task);
    this.#task = null;
  }
}
