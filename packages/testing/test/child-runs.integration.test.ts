import { type JsonObject, type RunId, type RunState } from '@joinery/core';
import { type CrashPoint, operateRun, registerDefinition, startRun } from '@joinery/engine';
import { expect, it } from 'vitest';
import { type LocalSystem, openLocalSystem } from '../src/chaos/local-system.ts';
import { stepTask } from '../src/chaos/step-task.ts';
import { eventually, startRedis } from '../src/index.ts';
import { measured } from '../src/measured.ts';
import { family } from '../src/workloads/known-workloads.ts';
import { expectedValues } from '../src/workloads/workload.ts';

const RUN_COUNT = 60;
const workload = family({ hasFirst: true });

/** Between a parent's commit and its child's start, within the start, and between a child's end and the word of it. */
const PLACES: readonly CrashPoint[] = [
  'before-relay',
  'before-start',
  'after-start',
  'after-delivery',
];

/** Ends the verb that comes to one of the places, each third time, as the death of its process would. */
function deadlyPlaces(deaths: Map<string, number>): (point: CrashPoint) => void {
  let visits = 0;
  return (point) => {
    if (!PLACES.includes(point)) return;
    visits += 1;
    if (visits % 3 !== 0) return;
    deaths.set(point, (deaths.get(point) ?? 0) + 1);
    throw new Error(`killed ${point}`);
  };
}

async function childrenOf(
  { client: { store } }: LocalSystem,
  parentIds: readonly RunId[],
): Promise<readonly RunState[]> {
  const runs = await store.list(10 * RUN_COUNT);
  const records = await Promise.all(runs.map(({ runId }) => store.find(runId)));
  return records
    .filter((run) => run !== null)
    .filter(({ parent }) => parent !== null && parentIds.includes(parent.runId));
}

/** A definition of three branches, each a run of the other definition. */
function threeOf(name: string, below: string): JsonObject {
  const refs = ['a', 'b', 'c'];
  const forkTasks = refs.map((ref) => [
    {
      name: ref,
      taskReferenceName: ref,
      type: 'SUB_WORKFLOW',
      subWorkflowParam: { name: below },
    },
  ]);
  const fork = { name: 'fork', taskReferenceName: 'fork', type: 'FORK_JOIN', forkTasks };
  const join = { name: 'join', taskReferenceName: 'join', type: 'JOIN', joinOn: refs };
  return { name, tasks: [fork, join] };
}

it('every attempt has exactly one child, and every parent its result, wherever processes die (C9)', async () => {
  const deaths = new Map<string, number>();
  await using redis = await startRedis();
  await using system = await openLocalSystem({
    url: redis.url,
    tasks: [stepTask()],
    workers: 2,
    schedulers: 2,
    ports: () => ({ crashPoint: deadlyPlaces(deaths) }),
  });
  const seeds = Array.from({ length: RUN_COUNT }, (_, index) => index);
  const runIds = await system.start(workload, seeds);
  await eventually(() => runIds.every((runId) => system.seen.ended.has(runId)), {
    withinMs: 60_000,
    everyMs: 200,
  });
  const { store } = system.client;
  for (const [seed, runId] of runIds.entries()) {
    const values = expectedValues(workload, seed);
    expect(await store.find(runId)).toMatchObject({ status: 'COMPLETED' });
    expect(await store.payload(runId, 'run:output')).toMatchObject({ value: values.get('after') });
    expect(await store.payload(runId, 'o:before')).toMatchObject({ value: values.get('before') });
  }
  const children = await childrenOf(system, runIds);
  measured('deaths between runs', { runs: RUN_COUNT, ...Object.fromEntries(deaths) });
  expect(children).toHaveLength(RUN_COUNT);
  expect(new Set(children.map(({ parent }) => parent?.runId)).size).toBe(RUN_COUNT);
  expect(children.every(({ status }) => status === 'COMPLETED')).toBe(true);
  const tooFew = PLACES.filter((place) => (deaths.get(place) ?? 0) < 10);
  expect(tooFew).toEqual([]);
  const outboxes = [...runIds, ...children.map(({ id }) => id)];
  await eventually(
    async () => {
      const due = await Promise.all(outboxes.map((runId) => store.attention(runId)));
      return due.every((entry) => entry === null);
    },
    { withinMs: 20_000, everyMs: 200 },
  );
});

it('all descendants of a run end with it (H13)', async () => {
  await using redis = await startRedis();
  await using system = await openLocalSystem({ url: redis.url, tasks: [], workers: 0 });
  const { engine, store } = system.client;
  const wait = { name: 'wait', taskReferenceName: 'wait', type: 'WAIT' };
  await registerDefinition(engine, { name: 'leaf', tasks: [wait] });
  await registerDefinition(engine, threeOf('middle', 'leaf'));
  await registerDefinition(engine, threeOf('top', 'middle'));
  const { runId } = await startRun(engine, { name: 'top' });
  const statuses = async (): Promise<readonly string[]> => {
    const runs = await store.list(100);
    return runs.map(({ status }) => status);
  };
  await eventually(async () => (await statuses()).length === 13, { withinMs: 10_000 });
  const operation = { type: 'terminate', reason: 'enough' } as const;
  const from = performance.now();
  await operateRun(engine, { runId, operation });
  await eventually(async () => (await statuses()).every((each) => each === 'TERMINATED'), {
    withinMs: 20_000,
  });
  expect(await statuses()).toHaveLength(13);
  measured('descendants ended', { runs: 13, ms: Math.round(performance.now() - from) });
});
