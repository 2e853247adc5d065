import { STEP_TASK, type Workload } from '../../workloads/workload.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { readHistories } from '../read-histories.ts';
import { type Scenario } from '../scenario.ts';
import { type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** The shortest time-out that a definition can name, ms. */
const TIME_OUT_MS = 1_000;
/** So near to each other the two count as a race, ms. */
const CLOSE_MS = 250;

/** T5: a result and its time-out, at the same time. */
export const racingTimeOuts: Scenario = {
  id: 'T5',
  title: 'Results come when their time-outs do',
  hypothesis: 'Each attempt ends once, by whichever was committed first, and its run ends with it.',
  method: `Runs of one step, 60 at a time, sweeps every 20 ms, with a time-out of ${TIME_OUT_MS / 1_000} s; the step takes about as long, 150 ms more or less. Every run must be COMPLETED with its value or TIMED_OUT, and both must have happened. A fault is half a second of this. Figures: completed, timedOut, and races = attempts that ended within ${CLOSE_MS} ms of their time-out.`,
  notTested: ['the same millisecond: scripts are tested with a clock of the test'],
  rules: ['H1', 'H2', 'H4', 'H6', 'H7', 'H11', 'H12', 'H22', 'H23'],
  sizes: {
    test: { runs: 100, faults: 6 },
    default: { runs: 1_000, faults: 40 },
    release: { runs: 20_000, faults: 600 },
  },
  play: underLoad({
    workload: timedStep(),
    inFlight: 60,
    faultName: 'half a second of races',
    everyMs: 500,
    fleet: {
      stepMs: [TIME_OUT_MS - 150, TIME_OUT_MS + 150],
      stepConcurrency: 60,
      env: { JOINERY_SWEEPER_INTERVAL: '20ms' },
    },
    fault: async (_stage, _index, load) => load.underWay().length > 0,
    accepts: ['COMPLETED', 'TIMED_OUT'],
    inspect: countRaces,
  }),
};

function timedStep(): Workload {
  const step = {
    name: STEP_TASK,
    taskReferenceName: 'step',
    type: 'SIMPLE',
    inputParameters: { ref: 'step', seed: '${workflow.input.seed}', from: [] },
    taskDefinition: {
      name: STEP_TASK,
      timeoutSeconds: TIME_OUT_MS / 1_000,
      timeoutPolicy: 'TIME_OUT_WF',
      responseTimeoutSeconds: 0,
      retryCount: 0,
    },
  };
  return {
    name: 'timed_step',
    definition: { name: 'timed_step', tasks: [step] },
    input: (seed) => ({ seed }),
    steps: new Map([['step', []]]),
    joins: new Map(),
  };
}

async function countRaces({ client, log }: Stage, runs: readonly PlayedRun[]): Promise<void> {
  const { store } = client.client;
  const histories = await readHistories(
    store,
    runs.map(({ runId }) => runId),
  );
  for (const history of histories.values()) {
    const started = history.find(({ event }) => event.type === 'task.started');
    const ended = history.findLast(({ event }) => event.type === 'run.ended');
    if (!started || ended?.event.type !== 'run.ended') continue;
    log.count(ended.event.status === 'COMPLETED' ? 'completed' : 'timedOut', 1);
    if (Math.abs(ended.at - started.at - TIME_OUT_MS) <= CLOSE_MS) log.count('races', 1);
  }
  for (const figure of ['completed', 'timedOut', 'races']) {
    if (!log.figures[figure]) log.problems.push(`T5: there was nothing ${figure}`);
  }
}
