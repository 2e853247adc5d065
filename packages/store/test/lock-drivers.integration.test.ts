import { startRedis, type RedisServer } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLockProvider } from '../src/locks/create-lock-provider.ts';
import { createLeasedLockProvider } from '../src/locks/leased-lock-provider.ts';
import { createLocalLockDriver } from '../src/locks/local-lock.ts';
import { createNoopLockDriver } from '../src/locks/noop-lock.ts';
import { createRedisLockDriver } from '../src/locks/redis-lock.ts';
import { createRedlockDriver } from '../src/locks/redlock-lock.ts';
import { exclusionContract, lockContract, type LockHarness } from './lock-contract.ts';

let servers: RedisServer[] = [];
let nodes: Redis[] = [];
beforeAll(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
  nodes = servers.map((server) => new Redis(server.url));
});
afterAll(async () => {
  for (const each of nodes) each.disconnect();
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

function node(index: number): Redis {
  const found = nodes[index];
  if (found === undefined) throw new Error(`no node ${index}`);
  return found;
}

const redlockOver = (count: number): LockHarness => ({
  provider: (options) => {
    const driver = createRedlockDriver({
      nodes: nodes.slice(0, count),
      nodeTimeoutMs: 2_000,
      onNodeError: (error) => options?.observer?.failed(error),
    });
    return createLeasedLockProvider(driver, { requestTimeoutMs: 5_000, ...options });
  },
  steal: (key) => Promise.all(nodes.slice(0, count).map((each) => each.del(key))),
});

const onRedis: LockHarness = {
  provider: (options) =>
    createLeasedLockProvider(createRedisLockDriver(node(0)), {
      requestTimeoutMs: 5_000,
      ...options,
    }),
  steal: (key) => node(0).set(key, 'somebody else', 'PX', 50),
};

const shared = createLocalLockDriver();
const local: LockHarness = {
  provider: (options) => createLeasedLockProvider(shared, options),
  steal: (key, token) => shared.release({ key, token, expiresAt: 0 }),
};

const noop: LockHarness = {
  provider: (options) => createLeasedLockProvider(createNoopLockDriver(), options),
  steal: async () => undefined,
};

for (const [name, harness] of [
  ['redlock (one node)', redlockOver(1)],
  ['redlock (three nodes)', redlockOver(3)],
  ['redis', onRedis],
  ['local', local],
] as const) {
  lockContract(name, harness);
  exclusionContract(name, harness);
}
lockContract('noop', noop);

it('noop grants a held lock to everybody', async () => {
  const [one, two] = [noop.provider(), noop.provider()];
  const locks = [await one.acquire('k'), await one.acquire('k'), await two.acquire('k')];
  expect(new Set(locks.map((lock) => lock?.token)).size).toBe(3);
  await Promise.all([one.close(), two.close()]);
});

it('a redis lock and a redlock of the same node lock each other out', async () => {
  const [redis, redlock] = [onRedis.provider(), redlockOver(1).provider()];
  const lock = await redis.acquire('shared');
  expect(await node(0).get('shared')).toBe(lock?.token);
  expect(await redlock.acquire('shared', { timeToTryMs: 0 })).toBeNull();
  await lock?.release();
  const other = await redlock.acquire('shared');
  expect(await node(0).get('shared')).toBe(other?.token);
  expect(await redis.acquire('shared', { timeToTryMs: 0 })).toBeNull();
  await Promise.all([redis.close(), redlock.close()]);
});

it.each(['redlock', 'redis', 'local', 'noop'] as const)(
  'the configuration makes a %s provider that grants',
  async (driver) => {
    const provider = await createLockProvider({
      driver,
      redis: node(0),
      liveProcesses: async () => 1,
    });
    expect(provider.driver).toBe(driver);
    expect(await provider.acquire(`made:${driver}`)).not.toBeNull();
    await provider.close();
  },
);

it.each(['local', 'noop'] as const)(
  '%s refuses to start beside another process unless forced',
  async (driver) => {
    const config = { driver, redis: node(0), liveProcesses: async () => 2 };
    await expect(createLockProvider(config)).rejects.toThrow(/2 are live/);
    await expect(createLockProvider({ ...config, isForced: true })).resolves.toMatchObject({
      driver,
    });
  },
);

it('redlock refuses an even number of nodes', () => {
  const options = { nodes: nodes.slice(0, 2), nodeTimeoutMs: 100, onNodeError: () => undefined };
  expect(() => createRedlockDriver(options)).toThrow(/odd number of nodes, not 2/);
});
