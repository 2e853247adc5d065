import { type WorkerSettings } from '@joinery/worker';

/** What a worker is told so that it does not go on with the next task by itself: every task has a job of its own. */
export const WITHOUT_CONTINUATION: Partial<WorkerSettings> = { timings: { continuationLimit: 0 } };
