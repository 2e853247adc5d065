import { setTimeout as delay } from 'node:timers/promises';
import { comesTo } from '../kill-at.ts';
import { type Scenario } from '../scenario.ts';
import { pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

const LEASE_MS = 300;

/** K1: a holder that stands still until its lease is long over. */
export const pauseCoordinator: Scenario = {
  id: 'K1',
  title: 'A coordinator stands still in its critical section for three leases',
  hypothesis: 'Somebody else decides meanwhile; its own commit is refused when it wakes up.',
  method: `Nested fork-joins, 20 at a time, lease ${LEASE_MS} ms. A coordinator is stopped (SIGSTOP) inside its critical section and goes on after three leases.`,
  notTested: ['pauses of minutes'],
  rules: ['H1', 'H6', 'H16', 'H21', 'H22', 'H25', 'H27'],
  sizes: {
    test: { runs: 20, faults: 4 },
    default: { runs: 150, faults: 40 },
    release: { runs: 1_500, faults: 400 },
  },
  play: underLoad({
    faultName: 'SIGSTOP with the lock',
    everyMs: 200,
    fleet: { env: { JOINERY_LOCK_LEASE: `${LEASE_MS}ms` } },
    fault: async (stage) => {
      const holder = pick(stage, stage.fleet.members('coordinator'));
      const isThere = await comesTo(holder, 'in-critical-section');
      holder.pause();
      await delay(3 * LEASE_MS);
      holder.resume();
      holder.release();
      return isThere;
    },
    marks: ['commit refused'],
  }),
};
