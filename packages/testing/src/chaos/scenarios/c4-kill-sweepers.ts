import { STEP_TASK } from '../../workloads/workload.ts';
import { dropLists } from '../drop-queues.ts';
import { killAt } from '../kill-at.ts';
import { type Scenario } from '../scenario.ts';
import { pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** C4: who repairs may die repairing. */
export const killSweepers: Scenario = {
  id: 'C4',
  title: 'Sweepers are killed in the middle of a repair',
  hypothesis: 'A repair that was begun is made by another sweeper, and made once.',
  method:
    'Nested fork-joins and two sweepers. The lists of waiting jobs are deleted, so that there is something to repair; a sweeper that comes to a repair is killed before it writes.',
  notTested: ['a sweeper that is killed at each pass'],
  rules: ['H1', 'H2', 'H5', 'H6', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 3 },
    default: { runs: 100, faults: 20 },
    release: { runs: 1_000, faults: 100 },
  },
  play: underLoad({
    faultName: 'SIGKILL in a repair',
    everyMs: 500,
    fleet: { roles: { worker: 2, coordinator: 2, scheduler: 1, sweeper: 2 }, stepConcurrency: 2 },
    fault: async (stage) => {
      await dropLists(stage.raw, STEP_TASK);
      return killAt(stage, pick(stage, stage.fleet.members('sweeper')), 'before-repair');
    },
    marks: ['repair found'],
  }),
};
