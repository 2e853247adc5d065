import { setTimeout as delay } from 'node:timers/promises';
import { comesTo } from '../kill-at.ts';
import { type Scenario } from '../scenario.ts';
import { pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

const LEASE_MS = 500;

/** N2: one process is cut off from Redis and does not know it. */
export const partition: Scenario = {
  id: 'N2',
  title: 'One process is cut off from Redis for two leases, with work in hand',
  hypothesis: 'Others go on meanwhile; what it sends when the network is back is refused.',
  method: `Nested fork-joins, 20 at a time, every process behind a proxy of its own, claims and locks of ${LEASE_MS} ms. By turns a worker inside a handler and a coordinator inside its critical section is cut off: nothing passes, nothing ends. It works on, and after two leases all that it has sent arrives at once.`,
  notTested: ['a partition by the kernel: bytes wait in the proxy instead of being dropped'],
  rules: ['H1', 'H2', 'H6', 'H7', 'H10', 'H16', 'H21', 'H22', 'H25', 'H27'],
  sizes: {
    test: { runs: 20, faults: 4 },
    default: { runs: 150, faults: 40 },
    release: { runs: 1_500, faults: 400 },
  },
  play: underLoad({
    isProxied: 'each',
    faultName: 'partition',
    everyMs: 200,
    fleet: {
      env: {
        JOINERY_LOCK_LEASE: `${LEASE_MS}ms`,
        JOINERY_WORKER_CLAIM_LEASE: `${LEASE_MS}ms`,
        JOINERY_WORKER_BEAT_EVERY: '100ms',
      },
    },
    fault: async (stage, index) => {
      const isWorker = index % 2 === 0;
      const member = pick(stage, stage.fleet.members(isWorker ? 'worker' : 'coordinator'));
      const isThere = await comesTo(member, isWorker ? 'in-handler' : 'in-critical-section');
      member.proxy?.hang();
      member.release();
      await delay(2 * LEASE_MS);
      member.proxy?.heal();
      return isThere;
    },
    marks: ['attempt redelivered'],
  }),
};
