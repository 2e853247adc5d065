import { setTimeout as delay } from 'node:timers/promises';
import { type Scenario } from '../scenario.ts';
import { pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** K7: a lock node forgets what it had granted, or does not answer. */
export const lockNodeDown: Scenario = {
  id: 'K7',
  title: 'One of three lock nodes stands still, or restarts with nothing',
  hypothesis: 'Locks are granted by the others; what a forgetful node grants twice harms nobody.',
  method:
    'Nested fork-joins, 20 at a time, Redlock on three nodes without persistence. By turns one node is stopped for a second, and one is killed and started again.',
  notTested: ['two nodes at once'],
  rules: ['H1', 'H6', 'H16', 'H21', 'H22', 'H25', 'H27'],
  sizes: {
    test: { runs: 20, faults: 4 },
    default: { runs: 150, faults: 40 },
    release: { runs: 1_000, faults: 300 },
  },
  play: underLoad({
    lockNodes: 3,
    faultName: 'lock node away',
    everyMs: 500,
    fault: async (stage, index, load) => {
      const isBusy = load.underWay().length > 0;
      const node = pick(stage, stage.lockNodes);
      if (index % 2 === 0) {
        node.pause();
        await delay(1_000);
        node.resume();
      } else {
        await node.restart();
      }
      return isBusy;
    },
  }),
};
