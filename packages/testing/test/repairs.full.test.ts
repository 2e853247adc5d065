import { type Engine, type QueuePosition, type QueueReport, repairQueue } from '@joinery/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { DIVERGENCES } from '../src/chaos/divergence.ts';
import { openLocalSystem } from '../src/chaos/local-system.ts';
import { eventually, startRedis } from '../src/index.ts';
import { measured } from '../src/measured.ts';
import { dynamicFork } from '../src/workloads/known-workloads.ts';
import { STEP_TASK } from '../src/workloads/workload.ts';
import { type Group, type GroupResult, repairAll } from './repairs.fixture.ts';

const PER_GROUP = 100;

describe('a hundred runs of each kind that have come apart', () => {
  let results: ReadonlyMap<Group, GroupResult>;
  beforeAll(async () => {
    results = await repairAll({ perGroup: PER_GROUP });
    for (const [group, result] of results) measured(`repair of ${group}`, { ...result });
  }, 180_000);

  it.each(DIVERGENCES)('are found, mended once, audited and completed after %s', (kind) => {
    const counts = { runCount: PER_GROUP, mendedOnce: PER_GROUP, completed: PER_GROUP };
    expect(results.get(kind)).toMatchObject({ ...counts, repairs: { [kind]: PER_GROUP } });
  });
});

it.each(DIVERGENCES)(
  'without the repair of %s, exactly those runs stay as they are',
  async (off) => {
    const perGroup = 4;
    const results = await repairAll({ perGroup, off });
    const failing = [...results].filter(
      ([group, { mendedOnce }]) => group !== 'healthy' && mendedOnce < perGroup,
    );
    expect(failing.map(([group]) => group)).toEqual([off]);
    expect(results.get(off)?.mendedOnce).toBe(0);
  },
);

it('a backlog of 100,000 waiting jobs of one type causes no repair', async () => {
  const runCount = 400;
  const width = 250;
  await using redis = await startRedis();
  await using system = await openLocalSystem({
    url: redis.url,
    tasks: [],
    workers: 0,
    // Each run is compared in full several times while it waits.
    env: { JOINERY_SWEEPER_FULL_DECIDE_INTERVAL: '10s', JOINERY_SWEEPER_MAX_SWEEP_AGE: '5s' },
  });
  const { engine, store } = system.client;
  const seeds = Array.from({ length: runCount }, (_, index) => index);
  const runIds = await system.start(dynamicFork(width), seeds);
  const waiting = async (): Promise<number> => {
    const counts = await engine.queue.waiting(STEP_TASK);
    return counts.waiting + counts.prioritized;
  };
  await eventually(async () => (await waiting()) >= runCount * width, {
    withinMs: 120_000,
    everyMs: 500,
  });
  const looksAt = performance.now();
  const pageCount = await walkQueue(engine);
  await eventually(() => performance.now() - looksAt > 15_000, { withinMs: 60_000, everyMs: 500 });
  const histories = await Promise.all(runIds.map((runId) => store.history(runId, 1, 2_000)));
  const events = histories.flat().map(({ event }) => event.type);
  const repairs = events.filter((type) => type === 'repair.found' || type === 'task.redelivered');
  measured('backlog', { waiting: await waiting(), pageCount, repairs: repairs.length });
  expect(await waiting()).toBe(runCount * width);
  expect(repairs).toEqual([]);
});

/** Compares the whole queue with the store, as a sweeper does over some minutes. */
async function walkQueue(engine: Engine): Promise<number> {
  let pageCount = 0;
  let from: QueuePosition | null = null;
  do {
    const report: QueueReport = await repairQueue(engine, STEP_TASK, { from, limit: 1_000 });
    expect(report.repairs).toEqual([]);
    from = report.next;
    expect(from?.suspects ?? []).toEqual([]);
    pageCount += 1;
  } while (from !== null);
  return pageCount;
}
