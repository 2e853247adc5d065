import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** One way, ms. */
const DELAY_MS = 20;

/** N1: a network that is slow and breaks now and then. */
export const slowNetwork: Scenario = {
  id: 'N1',
  title: 'The network is slow, and connections are reset',
  hypothesis: 'Runs are slower and otherwise the same.',
  method: `Nested fork-joins, 20 at a time, through a proxy that delays each piece by ${DELAY_MS} ms each way. Every 500 ms about a tenth of the connections is reset; a fault counts when there was one.`,
  notTested: ['jitter, reordering and loss of packets: a proxy has streams only'],
  rules: ['H1', 'H6', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 5 },
    default: { runs: 100, faults: 40 },
    release: { runs: 1_000, faults: 400 },
  },
  play: underLoad({
    isProxied: true,
    faultName: 'connections reset',
    everyMs: 500,
    prepare: async ({ proxy }) => proxy?.delayBy(DELAY_MS),
    fault: async ({ proxy, entropy }) => {
      for (let tries = 0; tries < 20; tries += 1) {
        if ((proxy?.reset(0.1, () => entropy.seed() / 2 ** 32) ?? 0) > 0) return true;
      }
      return false;
    },
    heal: async ({ proxy }) => void proxy?.heal(),
  }),
};
