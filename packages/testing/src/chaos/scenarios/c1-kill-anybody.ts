import { nestedOperators } from '../../workloads/known-workloads.ts';
import { judgeChildren } from '../judge-children.ts';
import { type Scenario } from '../scenario.ts';
import { everybody, pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** C1: no process is needed for long. */
export const killAnybody: Scenario = {
  id: 'C1',
  title: 'Any process is killed, again and again',
  hypothesis:
    'With a SIGKILL every 200 ms all runs complete as computed, none is lost, nothing is committed twice, and no run stands still for 5 s.',
  method:
    'Nested forks with loops and child runs inside, 30 at a time, on separate processes. Every 200 ms a worker, coordinator, scheduler or sweeper, by chance, gets a SIGKILL; a warm spare takes its role.',
  notTested: [
    'the death of the machine: all processes are on one',
    'kills of Redis (R1)',
    'handlers longer than 30 ms',
  ],
  rules: ['H1', 'H3', 'H6', 'H10', 'H16', 'H21', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 20, faults: 10 },
    default: { runs: 300, faults: 100 },
    release: { runs: 10_000, faults: 3_000 },
  },
  play: underLoad({
    workload: nestedOperators(),
    inFlight: 30,
    faultName: 'SIGKILL',
    everyMs: 200,
    fleet: { spares: 4 },
    fault: async (stage) => {
      await stage.fleet.replace(pick(stage, everybody(stage)));
      return true;
    },
    inspect: judgeChildren,
    marks: ['attempt redelivered'],
  }),
};
