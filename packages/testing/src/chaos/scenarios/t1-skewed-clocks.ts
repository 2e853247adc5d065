import { everybody, pick, type Stage } from '../stage.ts';
import { waitingChain } from '../../workloads/known-workloads.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { judgeTimers } from '../judge-timers.ts';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

const HOUR_MS = 3_600_000;

/** T1: moments are Redis', whatever a process believes. */
export const skewedClocks: Scenario = {
  id: 'T1',
  title: 'The clocks of processes are up to an hour off, and are set while they work',
  hypothesis: 'No timer fires early, none is lost, and none is much late.',
  method:
    'Chains of a step, a WAIT of a second and a step, 20 at a time. Every 200 ms the clock of one process, by chance, is set to up to an hour before or after the right time (`Date` is replaced in it). The history, which Redis’ clock writes, tells when each WAIT began and ended. Figures: timers, latestTimerMs = how much later than due the latest one fired.',
  notTested: ['the clock of Redis (T2)', 'monotonic clocks, which nobody sets'],
  rules: ['H1', 'H2', 'H6', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 30, faults: 10 },
    default: { runs: 300, faults: 100 },
    release: { runs: 3_000, faults: 600 },
  },
  play: underLoad({
    workload: waitingChain(),
    faultName: 'clock set',
    everyMs: 200,
    fault: async (stage) => {
      const offsetMs = (stage.entropy.seed() / 2 ** 31 - 1) * HOUR_MS;
      pick(stage, everybody(stage)).skew(Math.round(offsetMs));
      return true;
    },
    inspect: (stage: Stage, runs: readonly PlayedRun[]) => judgeTimers(stage, runs),
  }),
};
