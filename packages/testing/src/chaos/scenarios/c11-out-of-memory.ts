import { startHarm } from '../harm-runs.ts';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** Deliveries after the first. */
const REDELIVERIES = 4;
/** Of each process, MB: what a role needs, and little more. */
const HEAP_MB = 160;

/** C11: a task that takes all memory. */
export const outOfMemory: Scenario = {
  id: 'C11',
  title: 'A task takes all memory of its worker',
  hypothesis: `The worker dies and is replaced; after ${REDELIVERIES + 1} deliveries the task is WORKER_LOST; all other runs complete as computed.`,
  method: `Nested fork-joins, 10 at a time, three workers with a heap of ${HEAP_MB} MB that are replaced when they end. Every two seconds a run is started whose task allocates until Node ends the process. A fault counts when its run ended FAILED. Figure: replacedWorkers.`,
  notTested: ['the kernel’s own killer: for us it is a SIGKILL (C1)', 'memory outside of the heap'],
  rules: ['H1', 'H6', 'H8', 'H10', 'H11', 'H16', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 10, faults: 1 },
    default: { runs: 60, faults: 5 },
    release: { runs: 300, faults: 25 },
  },
  play: underLoad({
    inFlight: 10,
    faultName: 'all memory taken',
    everyMs: 2_000,
    isSupervised: true,
    fleet: {
      roles: { worker: 3, coordinator: 1, scheduler: 1, sweeper: 1 },
      spares: 3,
      otherTasks: true,
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      env: {
        JOINERY_WORKER_CLAIM_LEASE: '1500ms',
        JOINERY_WORKER_BEAT_EVERY: '400ms',
        JOINERY_WORKER_MAX_REDELIVERIES: String(REDELIVERIES),
      },
    },
    fault: async (stage) => {
      stage.others.push(await startHarm(stage, 'memory'));
      return true;
    },
  }),
};
