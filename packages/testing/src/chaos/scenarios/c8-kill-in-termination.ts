import { isTerminalRun, type RunId } from '@joinery/core';
import { operateRun, registerDefinition, startRun } from '@joinery/engine';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import { type Workload } from '../../workloads/workload.ts';
import { judgeStage, type PlayedRun, witnessesOf } from '../judge-stage.ts';
import { proveAlive } from '../prove-alive.ts';
import { readHistories } from '../read-histories.ts';
import { type PlayOptions, type Scenario } from '../scenario.ts';
import { openStage, pick, type Stage } from '../stage.ts';
import { timeLimit } from '../time-limit.ts';

/** Children of one run. */
const WIDTH = 1_000;
const KILL_EVERY_MS = 100;

/** C8: an end that has many ends to make. */
export const killInTermination: Scenario = {
  id: 'C8',
  title: `Processes are killed while a run with ${WIDTH} children is terminated`,
  hypothesis: 'All children end with their parent; nothing is scheduled in a run that is closing.',
  method: `Runs with up to ${WIDTH} child runs each, which wait for somebody. When all children are there the parent is terminated, and every ${KILL_EVERY_MS} ms a coordinator, scheduler, sweeper or worker is killed until everything has ended; a kill counts when something had not. Figure: terminatedWithinMs = from the request to the last child’s end, of the slowest parent.`,
  notTested: ['children that have children'],
  rules: ['H1', 'H2', 'H4', 'H11', 'H12', 'H22', 'H23'],
  sizes: {
    test: { runs: 200, faults: 2 },
    default: { runs: 2_000, faults: 12 },
    release: { runs: 10_000, faults: 60 },
  },
  play: async (play) => {
    const { bundle, runs: childCount, seed } = play;
    await using stage = await openStage({
      seed,
      fleet: { spares: 4 },
      ...(bundle && { bundle }),
    });
    const workload = parentOf(Math.min(WIDTH, childCount));
    await registerDefinition(stage.client.client.engine, workload.definition);
    const runs: PlayedRun[] = [];
    const isTimeOver = timeLimit(play.forMs);
    for (let planned = 0; planned < play.faults || runs.length < childCount;) {
      if (isTimeOver()) break;
      const { family, killCount } = await endFamily(stage, workload, play);
      runs.push(...family);
      planned += killCount;
    }
    const { length: killCount } = stage.log.faults;
    const canaries = await proveAlive(stage);
    return await judgeStage({
      client: stage.client,
      workload,
      runs: [...runs, ...canaries.runs],
      calls: [],
      attemptedCount: runs.length + canaries.runs.length,
      ...witnessesOf(stage.fleet),
      log: stage.log,
      faultsPlanned: killCount,
      marks: [],
      decidesWithinMs: 50_000,
      problems: canaries.deaf,
    });
  },
};

/** A run with so many children; each waits until somebody ends it. */
function parentOf(width: number): Workload {
  const name = `parent_of_${width}`;
  const wait = { name: 'wait', taskReferenceName: 'wait', type: 'WAIT' };
  const child = { name: 'waiting_child', tasks: [wait] };
  const branch = (index: number): object => ({
    name: 'child',
    taskReferenceName: `child_${index}`,
    type: 'SUB_WORKFLOW',
    subWorkflowParam: { workflowDefinition: child },
  });
  const branches = Array.from({ length: width }, (_, index) => [branch(index)]);
  const tasks = [
    { name: 'fork', taskReferenceName: 'fork', type: 'FORK_JOIN', forkTasks: branches },
    { name: 'join', taskReferenceName: 'join', type: 'JOIN', joinOn: [] },
  ];
  const definition = JSON.parse(JSON.stringify({ name, tasks }));
  return { name, definition, input: () => ({}), steps: new Map(), joins: new Map() };
}

async function endFamily(
  stage: Stage,
  workload: Workload,
  { say }: PlayOptions,
): Promise<{ readonly family: readonly PlayedRun[]; readonly killCount: number }> {
  const { engine, store } = stage.client.client;
  const { runId } = await startRun(engine, { name: workload.name, input: {} });
  const children = await allChildren(stage, runId, workload);
  const since = performance.now();
  await operateRun(engine, { runId, operation: { type: 'terminate', reason: 'enough' } });
  const ids = [runId, ...children];
  const isOver = async (): Promise<boolean> => {
    const found = await Promise.all(ids.map((id) => store.find(id)));
    return found.every((run) => run === null || isTerminalRun(run.status));
  };
  let killCount = 0;
  while (!(await isOver()) && performance.now() - since < 60_000) {
    const victims = stage.fleet.members(killCount % 2 === 0 ? 'coordinator' : 'worker');
    await stage.log.inject('SIGKILL', async () => {
      await stage.fleet.replace(pick(stage, victims));
      return true;
    });
    killCount += 1;
    await delay(KILL_EVERY_MS);
  }
  stage.log.most('terminatedWithinMs', performance.now() - since);
  say(`${children.length} children ended, ${killCount} kills`);
  return { family: ids.map((id) => ({ runId: id, seed: 0, accepts: ['TERMINATED'] })), killCount };
}

async function allChildren(
  { client }: Stage,
  runId: RunId,
  workload: Workload,
): Promise<readonly RunId[]> {
  const width = Number(workload.name.split('_').at(-1));
  const { store } = client.client;
  let children: readonly RunId[] = [];
  await eventually(
    async () => {
      const history = (await readHistories(store, [runId])).get(runId) ?? [];
      children = history.flatMap(({ event }) =>
        event.type === 'child.requested' ? [event.runId] : [],
      );
      if (children.length < width) return false;
      const found = await Promise.all(children.map((id) => store.find(id)));
      return !found.includes(null);
    },
    { withinMs: 120_000, everyMs: 500 },
  );
  return children;
}
