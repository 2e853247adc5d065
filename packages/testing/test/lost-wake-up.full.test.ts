import { type EnginePorts } from '@joinery/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ForcedMisses, forceMisses } from '../src/chaos/force-misses.ts';
import { openLocalSystem } from '../src/chaos/local-system.ts';
import { lyingLocks } from '../src/chaos/test-lock.ts';
import { type RedisServer, startRedis } from '../src/index.ts';
import { measured } from '../src/measured.ts';
import {
  allEnded,
  judge,
  locksOf,
  openWithoutSweeper,
  startSeeded,
} from './lost-wake-up.fixture.ts';

const RUNS = 50;
const MISS_FOR_MS = 2_500;

let redis: RedisServer;
let lockNode: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
  lockNode = await startRedis();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await lockNode[Symbol.asyncDispose]();
});

/** How a driver is asked for; `shared`: one provider in this process, which all deciders use. */
interface Driver {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly hasNode?: boolean;
  readonly shared?: 'local' | 'noop' | 'lying';
}

const drivers: readonly Driver[] = [
  { name: 'redlock, in the run’s slot', env: { JOINERY_LOCK_DRIVER: 'redlock' } },
  {
    name: 'redlock, with a node of its own',
    env: { JOINERY_LOCK_DRIVER: 'redlock' },
    hasNode: true,
  },
  { name: 'redis', env: { JOINERY_LOCK_DRIVER: 'redis' } },
  { name: 'local', shared: 'local' },
  { name: 'noop', shared: 'noop' },
  { name: 'a lock that grants everybody', shared: 'lying' },
];

const cells = drivers.flatMap((driver) =>
  ['0ms', '500ms'].flatMap((timeToTry) =>
    [0, 0.5, 1].map((chance) => ({ name: driver.name, driver, timeToTry, chance })),
  ),
);

async function portsFor({ shared }: Driver): Promise<Partial<EnginePorts> & AsyncDisposable> {
  const nothing = { [Symbol.asyncDispose]: async () => undefined };
  if (shared === undefined) return nothing;
  if (shared === 'lying') return { ...nothing, locks: lyingLocks };
  const idle = { workers: 0, coordinators: 0, sweepers: 0, schedulers: 0 };
  const helper = await openLocalSystem({ url: redis.url, tasks: [], ...idle });
  const locks = await locksOf(helper, shared);
  return { locks, [Symbol.asyncDispose]: () => helper[Symbol.asyncDispose]() };
}

describe.each(cells)(
  '$name, timeToTry $timeToTry, misses $chance',
  ({ name, driver, timeToTry, chance }) => {
    it('hangs no crazy nested fork-join, without a sweeper', { timeout: 120_000 }, async () => {
      await using replaced = await portsFor(driver);
      const startedAt = performance.now();
      const forced: ForcedMisses[] = [];
      await using system = await openWithoutSweeper({
        url: redis.url,
        env: {
          JOINERY_LOCK_TIME_TO_TRY: timeToTry,
          ...driver.env,
          ...(driver.hasNode === true && { JOINERY_LOCK_NODES: lockNode.url }),
        },
        ports: (engine, role) => {
          if (role !== 'coordinator') return {};
          const ports = { locks: replaced.locks ?? engine.locks, store: engine.store };
          const seed = forced.length + 1;
          const misses = forceMisses(ports, { chance, forMs: MISS_FOR_MS, seed });
          forced.push(misses);
          return misses.ports;
        },
      });
      const runs = await startSeeded(system, RUNS);
      await allEnded(system, runs, 100_000);
      const ms = performance.now() - startedAt;
      const { breaches } = await judge(system, runs);
      const misses = forced.reduce((sum, each) => sum + each.count(), 0);
      measured(`no sweeper, ${name}, ${timeToTry}`, { chance, runs: RUNS, misses, ms });
      expect(breaches).toEqual([]);
      // A test of misses without misses would prove nothing.
      expect(misses).toBeGreaterThanOrEqual(chance * RUNS);
    });
  },
);
