import { setTimeout as delay } from 'node:timers/promises';
import { comesTo } from '../kill-at.ts';
import { type Scenario } from '../scenario.ts';
import { pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

const LEASE_MS = 500;

/** K2: a worker that wakes up with a result that nobody waits for any more. */
export const pauseWorker: Scenario = {
  id: 'K2',
  title: 'A worker stands still for three leases and then brings its results',
  hypothesis: 'The attempts were handed to others; late results are answered and change nothing.',
  method: `Nested fork-joins, 20 at a time, claims of ${LEASE_MS} ms. A worker is stopped (SIGSTOP) inside a handler and goes on after three leases.`,
  notTested: ['effects of handlers on systems that check no fencing token'],
  rules: ['H2', 'H6', 'H7', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 4 },
    default: { runs: 150, faults: 40 },
    release: { runs: 1_500, faults: 400 },
  },
  play: underLoad({
    faultName: 'SIGSTOP in a handler',
    everyMs: 200,
    fleet: {
      env: {
        JOINERY_WORKER_CLAIM_LEASE: `${LEASE_MS}ms`,
        JOINERY_WORKER_BEAT_EVERY: '100ms',
      },
    },
    fault: async (stage) => {
      const worker = pick(stage, stage.fleet.members('worker'));
      const isThere = await comesTo(worker, 'in-handler');
      worker.pause();
      await delay(3 * LEASE_MS);
      worker.resume();
      worker.release();
      return isThere;
    },
    marks: ['attempt redelivered', 'attempt executed twice'],
  }),
};
