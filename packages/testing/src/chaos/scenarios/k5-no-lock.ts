import { type Scenario } from '../scenario.ts';
import { everybody, pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** K5: safety is not in the lock. */
export const noLock: Scenario = {
  id: 'K5',
  title: 'There is no lock at all',
  hypothesis: 'Everything stays correct, only with more decisions refused.',
  method:
    'Nested fork-joins, 20 at a time, three coordinators, lock driver `noop`. Any process gets a SIGKILL every 500 ms meanwhile.',
  notTested: ['what it costs'],
  rules: ['H1', 'H2', 'H5', 'H6', 'H16', 'H21', 'H22', 'H25', 'H27'],
  sizes: {
    test: { runs: 20, faults: 4 },
    default: { runs: 300, faults: 40 },
    release: { runs: 3_000, faults: 400 },
  },
  play: underLoad({
    faultName: 'SIGKILL',
    everyMs: 500,
    fleet: {
      roles: { worker: 2, coordinator: 3, scheduler: 1, sweeper: 1 },
      env: { JOINERY_LOCK_DRIVER: 'noop', JOINERY_LOCK_FORCE: 'true' },
    },
    fault: async (stage) => {
      await stage.fleet.replace(pick(stage, everybody(stage)));
      return true;
    },
    marks: ['commit refused'],
  }),
};
