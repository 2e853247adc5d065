import { startRun, registerDefinition } from '@joinery/engine';
import { type JsonObject } from '@joinery/core';
import { composeWorkload } from '../../workloads/compose-workload.ts';
import { STEP_TASK, type Workload } from '../../workloads/workload.ts';
import { conclude, untilEnded } from '../conclude.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { judgeTimers } from '../judge-timers.ts';
import { type Scenario } from '../scenario.ts';
import { openStage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

/** Timers of one run. */
const WIDTH = 500;
/** How long before they are due the last run is started, s: every fork is open by then. */
const LEAD_S = 5;
/** Runs that are started at a time. */
const AT_ONCE = 10;
/** So late may the last timer of many be, ms: a bound that finds what hangs. */
const LATE_LIMIT_MS = 120_000;

/** T3: everything is due at once. */
export const manyTimers: Scenario = {
  id: 'T3',
  title: 'Thousands of timers are due in the same second',
  hypothesis: 'All of them fire, none early, and joins that wait for them fire once.',
  method: `Runs with a fork of ${WIDTH} WAITs each, all due in the same second, and a step after the join. A fault is a run, and counts when all of its timers have fired. Figures: timers, and latestTimerMs = how long after its moment the last one fired.`,
  notTested: ['a million timers that are not due', 'memory per timer'],
  rules: ['H1', 'H2', 'H4', 'H6', 'H16', 'H22', 'H27'],
  sizes: {
    test: { runs: 2, faults: 2 },
    default: { runs: 20, faults: 20 },
    release: { runs: 200, faults: 200 },
  },
  play: async ({ runs: planned, seed, bundle, say, forMs }) => {
    await using stage = await openStage({ seed, ...(bundle && { bundle }) });
    const { engine } = stage.client.client;
    const workload = forkOfWaits();
    await registerDefinition(engine, workload.definition);
    const dueAt = Date.now() + (LEAD_S + Math.ceil(planned / 4)) * 1_000;
    const isTimeOver = timeLimit(forMs);
    const runs: PlayedRun[] = [];
    while (runs.length < planned && !isTimeOver()) {
      const seeds = Array.from({ length: Math.min(AT_ONCE, planned - runs.length) }, (_, index) => {
        return runs.length + index;
      });
      const started = seeds.map(async (each) => {
        const seconds = Math.max(1, Math.round((dueAt - Date.now()) / 1_000));
        const input = { ...workload.input(each), duration: `${seconds} seconds` };
        const { runId } = await startRun(engine, { name: workload.name, input });
        return { runId, seed: each };
      });
      runs.push(...(await Promise.all(started)));
    }
    const count = runs.length;
    say(`${count * WIDTH} timers are armed`);
    await untilEnded(stage, runs);
    await judgeTimers(stage, runs, LATE_LIMIT_MS);
    const fired = stage.log.figures['timers'] ?? 0;
    for (let index = 0; index < count; index += 1) {
      await stage.log.inject('timers due', async () => fired >= (index + 1) * WIDTH);
    }
    return await conclude(stage, { workload, runs, faultsPlanned: count });
  },
};

function waitOf(ref: string): JsonObject {
  return {
    name: 'wait',
    taskReferenceName: ref,
    type: 'WAIT',
    inputParameters: { duration: '${workflow.input.duration}' },
  };
}

function forkOfWaits(): Workload {
  const refs = Array.from({ length: WIDTH }, (_, index) => `wait_${index}`);
  const name = `fork_of_waits_${WIDTH}`;
  const after = composeWorkload(name, ['after']);
  const fork = {
    name: 'fork',
    taskReferenceName: 'fork',
    type: 'FORK_JOIN',
    forkTasks: refs.map((ref) => [waitOf(ref)]),
  };
  const join = { name: 'join', taskReferenceName: 'join', type: 'JOIN', joinOn: refs };
  const step = {
    name: STEP_TASK,
    taskReferenceName: 'after',
    type: 'SIMPLE',
    inputParameters: { ref: 'after', seed: '${workflow.input.seed}', from: [] },
  };
  const definition = { name, tasks: [fork, join, step] };
  return { ...after, definition, joins: new Map([['join', refs]]) };
}
