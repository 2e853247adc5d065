import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** N4: it was done, and nobody was told. */
export const lostReplies: Scenario = {
  id: 'N4',
  title: 'Replies are lost after the work was done',
  hypothesis: 'What is sent again because no reply came is done once.',
  method:
    'Nested fork-joins, 20 at a time, through a proxy. Every 300 ms, for at least 30 ms, the first reply on each connection is dropped and the connection reset; a fault counts when a reply was lost.',
  notTested: ['that each lost reply was one of a commit: the mark “commit repeated” counts those'],
  rules: ['H1', 'H5', 'H6', 'H7', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 8 },
    default: { runs: 200, faults: 100 },
    release: { runs: 3_000, faults: 1_500 },
  },
  play: underLoad({
    isProxied: true,
    faultName: 'replies lost',
    everyMs: 300,
    fault: async ({ proxy }) => {
      proxy?.loseReplies();
      await delay(30);
      const isLost = (): boolean => (proxy?.lostCount() ?? 0) > 0;
      await eventually(isLost, { withinMs: 2_000 }).catch(() => false);
      return (proxy?.heal() ?? 0) > 0;
    },
  }),
};
