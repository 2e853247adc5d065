import { registerDefinition, startRun } from '@joinery/engine';
import { chain, crazyNestedForkJoin } from '../../workloads/known-workloads.ts';
import { queueTaskOf, STEP_TASK, type Workload } from '../../workloads/workload.ts';
import { conclude, untilEnded } from '../conclude.ts';
import { type PlayedRun } from '../judge-stage.ts';
import { percentile } from '../percentile.ts';
import { readHistories } from '../read-histories.ts';
import { openLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import { openStage, type Stage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

/** Runs on the one busy queue, all the time: more than its workers can take at once. */
const BUSY = 60;
/** Quiet queues that get their run at a time. */
const AT_ONCE = 20;
/** How long a job on a quiet queue may wait for its worker, ms: ten times a second, to find who starves. */
const WAITS_LIMIT_MS = 10_000;

/** L2: one queue is never empty, and there are many others. */
export const manyQueues: Scenario = {
  id: 'L2',
  title: 'One queue of many is never empty',
  hypothesis: 'Whoever comes to another queue is served as if there were only that one.',
  method: `Two workers serve so many queues besides the one of the nested fork-joins, of which ${BUSY} are under way all the time. Each quiet queue gets a run of three steps, ${AT_ONCE} queues at a time. A fault is a queue, and counts when its run ended while the busy queue had work; a step of it that waits longer than ${WAITS_LIMIT_MS / 1_000} s for its worker makes the performance invalid. Figures: waits of the steps on quiet queues.`,
  notTested: [
    '5,000 decisions a second: more than this machine has',
    'queues in processes of their own',
  ],
  rules: ['H1', 'H6', 'H16', 'H21', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 30, faults: 30 },
    default: { runs: 200, faults: 200 },
    release: { runs: 1_000, faults: 1_000 },
  },
  play: async ({ faults: queueCount, seed, bundle, say, forMs }) => {
    const fleet = { queueCount, spares: 0 };
    await using stage = await openStage({ seed, fleet, ...(bundle && { bundle }) });
    const { client, log } = stage;
    const busy = crazyNestedForkJoin();
    await using load = await openLoad({ client, workload: busy, inFlight: BUSY, atLeast: 0 });
    const isTimeOver = timeLimit(forMs);
    const quiet: PlayedRun[] = [];
    while (quiet.length < queueCount && !isTimeOver()) {
      const count = Math.min(AT_ONCE, queueCount - quiet.length);
      const wave = Array.from({ length: count }, (_, index) => quiet.length + index);
      const started = await Promise.all(wave.map((index) => startOn(stage, index)));
      const isOver = await untilEnded(stage, started);
      const isBusy = load.underWay().length > 0;
      for (const { runId } of started) {
        await log.inject(`a quiet queue, of ${runId}`, async () => isOver && isBusy);
      }
      quiet.push(...started);
      say(`${quiet.length} of ${queueCount} queues, ${load.endedCount()} busy runs ended`);
    }
    const isOver = await load.close(WAITS_LIMIT_MS * 6);
    if (!isOver) log.problems.push('not all runs of the busy queue ended');
    await judgeWaits(stage, quiet);
    const runs = [...load.runs, ...quiet];
    const faultsPlanned = quiet.length;
    return await conclude(stage, { workload: busy, runs, calls: load.calls, faultsPlanned });
  },
};

async function startOn({ client }: Stage, index: number): Promise<PlayedRun> {
  const { engine } = client.client;
  const workload = onQueue(chain(3), index);
  await registerDefinition(engine, workload.definition);
  const { runId } = await startRun(engine, { name: workload.name, input: workload.input(index) });
  return { runId, seed: index, workload };
}

/** The same steps, on a queue of their own. */
function onQueue(workload: Workload, index: number): Workload {
  const name = `${workload.name}_on_${index}`;
  const text = JSON.stringify(workload.definition);
  const moved = text.replaceAll(`"name":"${STEP_TASK}"`, `"name":"${queueTaskOf(index)}"`);
  return { ...workload, name, definition: { ...JSON.parse(moved), name } };
}

/** How long each step stood in its queue. */
async function judgeWaits({ client, log }: Stage, runs: readonly PlayedRun[]): Promise<void> {
  const waits: number[] = [];
  const ids = runs.map(({ runId }) => runId);
  for (const [runId, history] of await readHistories(client.client.store, ids)) {
    const scheduledAt = new Map<string, number>();
    for (const { at, event } of history) {
      if (event.type === 'task.scheduled') scheduledAt.set(event.key, at);
      if (event.type !== 'task.started') continue;
      const waitedMs = at - (scheduledAt.get(event.key) ?? at);
      waits.push(waitedMs);
      if (waitedMs > WAITS_LIMIT_MS) {
        log.problems.push(`L2 ${runId}: ${event.key} waited ${waitedMs} ms for its worker`);
      }
    }
  }
  for (const [name, share] of [
    ['waitP50Ms', 0.5],
    ['waitP99Ms', 0.99],
    ['waitMaxMs', 1],
  ] as const) {
    log.most(name, percentile(waits, share));
  }
}
