import { dynamicFork } from '../../workloads/known-workloads.ts';
import { type Scenario } from '../scenario.ts';
import { everybody, pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

const WIDTH = 1_000;

/** L1: a fork that takes many commits to open. */
export const wideForkUnderFire: Scenario = {
  id: 'L1',
  title: `A fork of ${WIDTH} branches while processes are killed`,
  hypothesis: 'A fork that opens in pages opens whole, and its join fires once over all branches.',
  method: `Dynamic forks of ${WIDTH} branches, two at a time; any process gets a SIGKILL every 500 ms.`,
  notTested: ['10,000 branches: the fan-in tests do that without kills', 'nested 100 × 100'],
  rules: ['H1', 'H4', 'H6', 'H10', 'H16', 'H22', 'H27'],
  sizes: {
    test: { runs: 2, faults: 3 },
    default: { runs: 6, faults: 20 },
    release: { runs: 60, faults: 200 },
  },
  play: underLoad({
    workload: dynamicFork(WIDTH),
    inFlight: 2,
    faultName: 'SIGKILL',
    everyMs: 500,
    fleet: { stepMs: [0, 2], stepConcurrency: 50, spares: 4 },
    fault: async (stage) => {
      await stage.fleet.replace(pick(stage, everybody(stage)));
      return true;
    },
  }),
};
