import type { Entropy, Logger } from '@joinery/kit';
import type { ClaimOutcome } from '@joinery/engine';
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
  /** Time that never goes back, in ms. */
  readonly elapsedMs: () => number;
}

/** One hand-over of one attempt to this worker. */
export interface Delivery {
  readonly task: Task;
  readonly claim: Claim;
  readonly claimed: Extract<ClaimOutcome, { type: 'claimed' }>;
  /** Names run, task and attempt on every line. */
  readonly logger: Logger;
}
