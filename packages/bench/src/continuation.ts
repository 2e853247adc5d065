import { type WorkerSettings } from '@joinery/worker';

/**
 * What a worker is told so that it does not go on with the next task of a chain by itself. Workers do not continue yet:
 * there is nothing to turn off, and W1NoContinuation is W1 measured once more.
 */
export const WITHOUT_CONTINUATION: Partial<WorkerSettings> = {};
