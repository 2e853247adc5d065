import { HARMS } from '../harmful-task.ts';
import { startHarm } from '../harm-runs.ts';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** Without `memory`, which is C11. */
const POISON = HARMS.filter((harm) => harm !== 'memory');
/** Deliveries after the first; enough that a task which only stands beside the poison is not taken for it. */
const REDELIVERIES = 6;

/** D1: tasks that nobody should write. */
export const poison: Scenario = {
  id: 'D1',
  title: 'Tasks throw, end their process, loop for ever, or never answer',
  hypothesis: `Each ends its own run, with a reason and after ${REDELIVERIES + 1} deliveries at most; all others complete as computed.`,
  method: `Nested fork-joins, 20 at a time, three workers that are replaced when they end or say nothing for 1.5 s. Every second a run with one bad task is started, by turns of each kind. A fault counts when its run ended FAILED, or TIMED_OUT for the one that never answers. Figure: replacedWorkers.`,
  notTested: ['bad tasks of a type that good ones share'],
  rules: ['H1', 'H6', 'H8', 'H10', 'H11', 'H16', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 20, faults: 4 },
    default: { runs: 150, faults: 16 },
    release: { runs: 1_000, faults: 80 },
  },
  play: underLoad({
    faultName: 'poison',
    everyMs: 1_000,
    isSupervised: true,
    fleet: {
      roles: { worker: 3, coordinator: 2, scheduler: 1, sweeper: 1 },
      spares: 4,
      otherTasks: true,
      env: {
        JOINERY_WORKER_CLAIM_LEASE: '1500ms',
        JOINERY_WORKER_BEAT_EVERY: '400ms',
        JOINERY_WORKER_MAX_REDELIVERIES: String(REDELIVERIES),
      },
    },
    fault: async (stage, index) => {
      const harm = POISON[index % POISON.length] ?? 'throw';
      stage.others.push(await startHarm(stage, harm));
      return true;
    },
  }),
};
