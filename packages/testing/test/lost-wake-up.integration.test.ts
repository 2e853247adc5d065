import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLocalSystem } from '../src/chaos/local-system.ts';
import { type RedisServer, startRedis } from '../src/index.ts';
import { measured } from '../src/measured.ts';
import {
  allEnded,
  judge,
  locksOf,
  naiveCoordinator,
  openWithoutSweeper,
  standstill,
  startSeeded,
} from './lost-wake-up.fixture.ts';

const RUNS = 300;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

describe('300 crazy nested fork-joins, timeToTry 0, the sweeper off', () => {
  it(
    'hang at their joins when a decider that misses the lock returns',
    { timeout: 60_000 },
    async () => {
      const startedAt = performance.now();
      await using helper = await openLocalSystem({
        url: redis.url,
        tasks: [],
        workers: 0,
        coordinators: 0,
        sweepers: 0,
        schedulers: 0,
      });
      const locks = await locksOf(helper, 'redis');
      await using system = await openWithoutSweeper({
        url: redis.url,
        coordinator: (engine) => naiveCoordinator(engine, locks),
      });
      const runs = await startSeeded(system, RUNS);
      const hung = await standstill(system, runs);
      const records = await Promise.all(hung.map((runId) => system.client.store.find(runId)));
      measured('acquire or return', {
        runs: RUNS,
        hung: hung.length,
        ms: performance.now() - startedAt,
      });
      expect(hung.length).toBeGreaterThanOrEqual(1);
      // Not slow, not waiting for work: a completion is stored, and nobody will ever look at it.
      expect(records.filter((run) => (run?.dirty ?? 0) > (run?.seen ?? 0))).toHaveLength(
        hung.length,
      );
    },
  );

  it('all complete with the join coordinator', { timeout: 60_000 }, async () => {
    const startedAt = performance.now();
    await using system = await openWithoutSweeper({
      url: redis.url,
      env: { JOINERY_LOCK_TIME_TO_TRY: '0ms' },
    });
    const runs = await startSeeded(system, RUNS);
    await allEnded(system, runs, 50_000);
    const ms = performance.now() - startedAt;
    const { breaches } = await judge(system, runs);
    expect(breaches).toEqual([]);
    measured('join coordinator', { runs: RUNS, hung: 0, ms, total: performance.now() - startedAt });
  });
});
