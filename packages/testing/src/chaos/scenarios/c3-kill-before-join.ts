import { type RunId, type TaskKey, taskKeyOf } from '@joinery/core';
import { wideFork } from '../../workloads/known-workloads.ts';
import { comesTo } from '../kill-at.ts';
import { type RunLoad } from '../run-load.ts';
import { type Scenario } from '../scenario.ts';
import { pick, type Stage } from '../stage.ts';
import { underLoad } from '../under-load.ts';

const workload = wideFork(3);
const JOIN = taskKeyOf('join');
const BRANCHES: readonly TaskKey[] = ['b_0', 'b_1', 'b_2'].map((ref) => taskKeyOf(ref));

/** C3: the death that loses wake-ups elsewhere. */
export const killBeforeJoin: Scenario = {
  id: 'C3',
  title: 'The coordinator dies between the last branch and the join',
  hypothesis: 'The join fires once, though whoever was to fire it is dead.',
  method:
    'Forks of three branches, 20 at a time; the kills are spread over them. The one coordinator is held inside its critical section and killed there; it counts when some run has all branches stored and its join not fired at that moment, and no run is hit more than twice (after five a run is FAILED, as promised).',
  notTested: ['that the held decision is the one of that run: another coordinator may be about it'],
  rules: ['H6', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 5 },
    default: { runs: 200, faults: 40 },
    release: { runs: 10_000, faults: 100 },
  },
  play: underLoad({
    workload,
    faultName: 'SIGKILL before the join',
    everyMs: 300,
    isSpread: true,
    // One decider: what is not decided now is its own.
    fleet: { roles: { worker: 2, coordinator: 1, scheduler: 1, sweeper: 1 } },
    fault: killOneBeforeJoin,
  }),
};

/** Holds that met another decision are let go; on a fast machine many do. */
const SEARCH_MS = 5_000;
/** A run whose decision ends its process five times is FAILED, as promised: none is to come near that by our doing. */
const HITS_PER_RUN = 2;

/** How often each run was due when its coordinator was killed, by the load that it belongs to. */
const hitsOf = new WeakMap<RunLoad, Map<RunId, number>>();

async function killOneBeforeJoin(stage: Stage, _index: number, load: RunLoad): Promise<boolean> {
  const hits = hitsOf.get(load) ?? new Map<RunId, number>();
  hitsOf.set(load, hits);
  const victim = pick(stage, stage.fleet.members('coordinator'));
  const endsAt = performance.now() + SEARCH_MS;
  while (performance.now() < endsAt) {
    if (!(await comesTo(victim, 'in-critical-section'))) break;
    const due = await dueJoins(stage, load);
    const isSpared = due.some((runId) => (hits.get(runId) ?? 0) >= HITS_PER_RUN);
    if (due.length > 0 && !isSpared) {
      for (const runId of due) hits.set(runId, (hits.get(runId) ?? 0) + 1);
      await stage.fleet.replace(victim);
      return true;
    }
    victim.release();
  }
  await stage.fleet.replace(victim);
  return false;
}

async function dueJoins(stage: Stage, load: RunLoad): Promise<readonly RunId[]> {
  const runIds = load.underWay().map(({ runId }) => runId);
  const isDue = await Promise.all(runIds.map((runId) => isJoinDue(stage, runId)));
  return runIds.filter((_runId, index) => isDue[index]);
}

async function isJoinDue({ client }: Stage, runId: RunId): Promise<boolean> {
  const done = new Set<TaskKey>();
  for (const { event } of await client.client.store.history(runId, 1, 100)) {
    if (event.type === 'join.fired') done.add(event.key);
    if (event.type === 'task.completed' && event.status === 'COMPLETED') done.add(event.key);
  }
  return BRANCHES.every((key) => done.has(key)) && !done.has(JOIN);
}
