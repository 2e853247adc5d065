import { beforeAll, describe, expect, it, test } from 'vitest';
import { openLocalSystem } from '../src/chaos/local-system.ts';
import { stepTask } from '../src/chaos/step-task.ts';
import { eventually, startRedis } from '../src/index.ts';
import { measured } from '../src/measured.ts';
import { dynamicFork } from '../src/workloads/known-workloads.ts';
import { expectedValues } from '../src/workloads/workload.ts';
import { arrivalBurst, type FanInCost, fanIn } from './fan-in.fixture.ts';

describe('a fan-in of 100, 1,000 and 10,000 branches', () => {
  let costs: readonly FanInCost[];
  beforeAll(async () => {
    const found: FanInCost[] = [];
    for (const width of [100, 1_000, 10_000]) {
      const cost = await fanIn(width);
      measured('fan-in', { ...cost });
      found.push(cost);
    }
    costs = found;
  }, 300_000);

  it('completes as computed', () => {
    expect(costs.map(({ status, isAsComputed }) => [status, isAsComputed])).toEqual([
      ['COMPLETED', true],
      ['COMPLETED', true],
      ['COMPLETED', true],
    ]);
  });

  it.each(['scripts', 'commands', 'bytesIn', 'bytesOut'] as const)(
    'costs %s that lie on a line within a twentieth',
    (figure) => {
      const [few, some, many] = costs.map((cost) => ({ x: cost.width, y: cost[figure] }));
      if (!few || !some || !many) throw new Error('three widths make a line');
      const slope = (some.y - few.y) / (some.x - few.x);
      const expected = few.y + slope * (many.x - few.x);
      expect(many.y / expected).toBeGreaterThan(0.95);
      expect(many.y / expected).toBeLessThan(1.05);
    },
  );

  it('keeps Redis busy for less than ten times 50 ms with any one command', () => {
    const slow = costs.flatMap(({ slowest }) => slowest).filter(({ micros }) => micros > 500_000);
    expect(slow).toEqual([]);
  });
});

test('10,000 branches complete on a whole system', { timeout: 300_000 }, async () => {
  const startedAt = performance.now();
  const workload = dynamicFork(10_000);
  await using redis = await startRedis();
  await using system = await openLocalSystem({ url: redis.url, tasks: [stepTask()] });
  const [runId] = await system.start(workload, [1]);
  if (runId === undefined) throw new Error('nothing was started');
  await eventually(() => system.seen.ended.has(runId), { withinMs: 280_000, everyMs: 100 });
  const { store } = system.client;
  const run = await store.find(runId);
  const output = await store.payload(runId, 'o:after');
  const repairs = (await store.history(runId, 1, 100_000)).filter(
    ({ event }) => event.type === 'repair.found',
  );
  measured('10,000 branches', { ms: performance.now() - startedAt, repairs: repairs.length });
  expect(run?.status).toBe('COMPLETED');
  expect(output).toMatchObject({ value: expectedValues(workload, 1).get('after') });
  expect(repairs).toEqual([]);
});

test(
  'a decider goes on committing while results arrive as fast as they can',
  { timeout: 120_000 },
  async () => {
    const burst = await arrivalBurst(1_000);
    measured('arrivals against a decider', { ...burst });
    // A tenth of the rate that is promised on a machine of its own.
    expect(burst.arrivalsPerSecond).toBeGreaterThan(300);
    expect(burst.commitsMeanwhile).toBeGreaterThanOrEqual(2);
    expect(burst.refused).toBe(0);
    expect(burst.status).toBe('COMPLETED');
  },
);
