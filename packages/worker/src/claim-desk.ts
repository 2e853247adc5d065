import type { Entropy, Logger } from '@joinery/kit';
import type { ClaimedTask } from '@joinery/engine';
import type { Claim, ClaimKeeper } from './claim-keeper.ts';
import type { Task } from './define-task.ts';
import type { WorkerMetrics } from './worker-metrics.ts';
import type { WorkerVerbs } from './worker-ports.ts';
import type { WorkerTimings } from './worker-timings.ts';

/** What every delivery of a worker shares. */
export interface ClaimDesk {
  readonly verbs: WorkerVerbs;
  readonly keeper: ClaimKeeper;
  readonly workerId: string;
  readonly entropy: Entropy;
  readonly logger: Logger;
  readonly metrics: WorkerMetrics;
  readonly timings: WorkerTimings;
  /** Places for tasks with which the worker goes on after another. */
  readonly places: TaskPlaces;
  /** Time that never goes back, in ms. */
  readonly elapsedMs: () => number;
}

/** The task types of a worker, each with a bounded number of places. */
export interface TaskPlaces {
  /** The task of this type, with a place taken for it; null = not ours, no place is free, or the worker is stopping. */
  take(taskType: string): Task | null;
  leave(task: Task): void;
}

/** A task that was claimed together with the result of another; its place is taken. */
export interface NextTask {
  readonly task: Task;
  readonly claimed: ClaimedTask;
  /** How many tasks the worker has gone on to since it took the job. */
  readonly hop: number;
}

/** What a delivery has led to. */
export interface DeliveryEnd {
  /** With what the worker goes on. */
  readonly next: NextTask | null;
  /** The store knows nothing of the claim any more: the attempt is another delivery's, or the claim was forgotten. */
  readonly isForgotten: boolean;
}

/** One hand-over of one attempt to this worker. */
export interface Delivery {
  readonly task: Task;
  readonly claim: Claim;
  readonly claimed: ClaimedTask;
  readonly hop: number;
  /** Names run, task and attempt on every line. */
  readonly logger: Logger;
}
