import { type RepairKind, type RunId } from '@joinery/core';
import { Redis } from 'ioredis';
import { withoutRepair } from '../src/chaos/disable-repair.ts';
import { diverge, DIVERGENCES, type Divergence } from '../src/chaos/divergence.ts';
import { type LocalSystem, openLocalSystem } from '../src/chaos/local-system.ts';
import { stepTask } from '../src/chaos/step-task.ts';
import { readEvidence } from '../src/history/evidence.ts';
import { eventually, startRedis } from '../src/index.ts';
import { family, wideFork } from '../src/workloads/known-workloads.ts';
import { expectedValues, type Workload } from '../src/workloads/workload.ts';

/** Full evaluations and looks come every second, so that nobody has to wait for a minute. */
const quickSweeps = {
  JOINERY_SWEEPER_FULL_DECIDE_INTERVAL: '1s',
  JOINERY_SWEEPER_MAX_SWEEP_AGE: '1s',
};

/** What the runs of a group are runs of. */
function workloadOf(group: Group): Workload {
  return group === 'parent-not-notified' ? family() : wideFork(2);
}

/** `healthy`: runs that were left alone. */
export type Group = Divergence | 'healthy';

/** What became of the runs of one group. */
export interface GroupResult {
  readonly runCount: number;
  /** Runs whose history holds exactly one repair, of the group's kind. */
  readonly mendedOnce: number;
  /** Repairs of all runs, by kind. */
  readonly repairs: Readonly<Partial<Record<RepairKind, number>>>;
  /** Runs that completed with the results that were computed directly. */
  readonly completed: number;
  /** From the first sweep to the last repair, ms. */
  readonly repairedWithinMs: number;
}

interface GroupedRun {
  readonly group: Group;
  readonly runId: RunId;
  readonly seed: number;
}

/** Runs of every group at once on one Redis: diverge, let sweepers and deciders look, then let workers work. */
export async function repairAll(options: {
  readonly perGroup: number;
  /** The repair that cannot be made. */
  readonly off?: Divergence;
}): Promise<ReadonlyMap<Group, GroupResult>> {
  const { perGroup, off } = options;
  await using redis = await startRedis();
  await using system = await openLocalSystem({
    url: redis.url,
    tasks: [stepTask()],
    env: quickSweeps,
    workers: 0,
    coordinators: 0,
    sweepers: 0,
    schedulers: 0,
    ...(off !== undefined && { ports: (engine) => withoutRepair(engine, off) }),
  });
  const raw = new Redis(redis.url);
  try {
    const runs = await divergeAll(system, raw, perGroup);
    const sweptAt = Date.now();
    await system.add('sweeper');
    await system.add('coordinator');
    const repairable = runs.filter(({ group }) => group !== off && group !== 'healthy');
    await untilRepaired(system, repairable);
    await system.add('worker');
    const completing = runs.filter(({ group }) => group !== off);
    await eventually(() => completing.every(({ runId }) => system.seen.ended.has(runId)), {
      withinMs: 60_000,
    });
    return await resultsOf(system, runs, sweptAt);
  } finally {
    raw.disconnect();
  }
}

async function divergeAll(
  system: LocalSystem,
  raw: Redis,
  perGroup: number,
): Promise<readonly GroupedRun[]> {
  const { engine } = system.client;
  const groups: readonly Group[] = [...DIVERGENCES, 'healthy'];
  const runs: GroupedRun[] = [];
  for (const group of groups) {
    const seeds = Array.from({ length: perGroup }, (_, index) => runs.length + index);
    const runIds = await system.start(workloadOf(group), seeds);
    for (const [index, runId] of runIds.entries()) {
      runs.push({ group, runId, seed: seeds[index] ?? 0 });
    }
  }
  for (const run of runs) {
    if (run.group !== 'healthy') await diverge(run.group, { runId: run.runId, engine, raw });
  }
  return runs;
}

async function untilRepaired(system: LocalSystem, runs: readonly GroupedRun[]): Promise<void> {
  let left = runs;
  await eventually(
    async () => {
      const repaired = await Promise.all(
        left.map(async ({ runId }) => (await repairsOf(system, runId)).length > 0),
      );
      left = left.filter((_run, index) => !repaired[index]);
      const [first] = left;
      if (first) throw new Error(`${left.length} runs are unrepaired, one by ${first.group}`);
    },
    { withinMs: 60_000, everyMs: 200 },
  );
}

async function repairsOf(
  { client: { store } }: LocalSystem,
  runId: RunId,
): Promise<readonly { readonly kind: RepairKind; readonly at: number }[]> {
  const history = await store.history(runId, 1, 1_000);
  return history.flatMap(({ at, event }) =>
    event.type === 'repair.found' ? [{ kind: event.kind, at }] : [],
  );
}

async function resultsOf(
  system: LocalSystem,
  runs: readonly GroupedRun[],
  sweptAt: number,
): Promise<ReadonlyMap<Group, GroupResult>> {
  const results = new Map<Group, GroupResult>();
  for (const run of runs) {
    const repairs = await repairsOf(system, run.runId);
    const before = results.get(run.group);
    const isMended = repairs.length === 1 && repairs[0]?.kind === run.group;
    const tookMs = Math.max(0, ...repairs.map(({ at }) => at - sweptAt));
    results.set(run.group, {
      runCount: (before?.runCount ?? 0) + 1,
      mendedOnce: (before?.mendedOnce ?? 0) + (isMended ? 1 : 0),
      repairs: countKinds(before?.repairs ?? {}, repairs),
      completed: (before?.completed ?? 0) + ((await isAsComputed(system, run)) ? 1 : 0),
      repairedWithinMs: Math.max(before?.repairedWithinMs ?? 0, tookMs),
    });
  }
  return results;
}

function countKinds(
  counts: GroupResult['repairs'],
  repairs: readonly { readonly kind: RepairKind }[],
): GroupResult['repairs'] {
  const sum: Partial<Record<RepairKind, number>> = { ...counts };
  for (const { kind } of repairs) sum[kind] = (sum[kind] ?? 0) + 1;
  return sum;
}

async function isAsComputed(
  system: LocalSystem,
  { group, runId, seed }: GroupedRun,
): Promise<boolean> {
  const workload = workloadOf(group);
  const { run, values } = await readEvidence(system.client.store, runId, workload);
  if (run?.status !== 'COMPLETED') return false;
  const expected = expectedValues(workload, seed);
  return [...expected].every(([ref, value]) => values.get(ref) === value);
}
