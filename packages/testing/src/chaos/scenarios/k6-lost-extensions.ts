import { Redis } from 'ioredis';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** K6: locks are lost under their holders’ hands. */
export const lostExtensions: Scenario = {
  id: 'K6',
  title: 'Lock nodes lose what they hold, so that extensions fail',
  hypothesis: 'A holder whose lock is lost commits nothing that the guards refuse.',
  method:
    'Nested fork-joins, 20 at a time, Redlock on three nodes of its own, lease 150 ms. Every 100 ms the nodes are emptied as soon as one of them holds a lock.',
  notTested: ['that each lost lock was in use at that moment'],
  rules: ['H1', 'H6', 'H16', 'H21', 'H22', 'H25', 'H27'],
  sizes: {
    test: { runs: 20, faults: 20 },
    default: { runs: 150, faults: 150 },
    release: { runs: 1_500, faults: 1_500 },
  },
  play: underLoad({
    lockNodes: 3,
    faultName: 'lock nodes emptied',
    everyMs: 100,
    fleet: { env: { JOINERY_LOCK_LEASE: '150ms' } },
    fault: async ({ lockNodes }) => {
      for (let tries = 0; tries < 100; tries += 1) {
        const counts = await Promise.all(lockNodes.map(({ url }) => emptyNode(url)));
        if (counts.some((count) => count > 0)) return true;
      }
      return false;
    },
  }),
};

async function emptyNode(url: string): Promise<number> {
  const node = new Redis(url);
  try {
    const locks = await node.keys('*');
    return locks.length === 0 ? 0 : await node.del(...locks);
  } finally {
    node.disconnect();
  }
}
