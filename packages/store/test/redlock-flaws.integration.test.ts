/*
 * Flaws that Redlock libraries for Node are known for, each shown to do no harm behind the LockProvider. Those that
 * are about time alone (leaked timers, busy renewal, expired grants) are in leased-lock-provider.test.ts as well.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { eventually, startRedis, type RedisServer } from '@joinery/testing';
import { Redis } from 'ioredis';
import Library, { ExecutionError, type RedlockNode } from 'redlock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLockProvider } from '../src/locks/create-lock-provider.ts';
import { type LockProvider } from '../src/locks/lock-provider.ts';
import { LockLog } from './lock-log.ts';

const key = '{p1}:lock:r1';
let servers: readonly [RedisServer, RedisServer, RedisServer];
let nodes: readonly [Redis, Redis, Redis];
let log: LockLog;
let provider: LockProvider;

const connect = ({ url }: RedisServer): Redis => new Redis(url).on('error', () => undefined); // servers are killed below

beforeEach(async () => {
  servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
  nodes = [connect(servers[0]), connect(servers[1]), connect(servers[2])];
  log = new LockLog();
  provider = await open('redlock');
});
afterEach(async () => {
  for (const server of servers) server.resume();
  await provider.close();
  for (const node of nodes) node.disconnect();
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

const open = (driver: 'redlock' | 'redis'): Promise<LockProvider> =>
  createLockProvider({
    driver,
    redis: nodes[0],
    lockNodes: nodes,
    observer: log,
    requestTimeoutMs: 300,
    tunables: () => ({ timeToTryMs: 5_000, leaseMs: 5_000, retryDelayMs: 20 }),
    liveProcesses: async () => 1,
  });

it('a node that grants after the attempt has failed is released too, even if it must first learn how', async () => {
  const [a, b, c] = nodes;
  // Now the third node knows the script that takes, and not yet the one that frees.
  await provider.acquire('warm');
  await eventually(async () => (await c.exists('warm')) === 1);
  await Promise.all([a.set(key, 'other'), b.set(key, 'other')]);
  await c.config('RESETSTAT');
  servers[2].pause();
  expect(await provider.acquire(key, { timeToTryMs: 0 })).toBeNull();
  // Taking and freeing have both been given up there.
  await eventually(() => log.failures.length >= 2);
  servers[2].resume();
  await eventually(async () => (await c.info('commandstats')).includes('cmdstat_del:calls=1,'));
  expect(await c.info('commandstats')).toContain('cmdstat_set:calls=1,');
  expect(await c.exists(key)).toBe(0);
});

it('a failed renewal is tried again, and the lock survives', async () => {
  const lock = await provider.acquire(key, { leaseMs: 1_500 });
  const firstEnd = lock?.expiresAt ?? Infinity;
  servers[1].pause();
  servers[2].pause();
  await eventually(() => log.failures.length >= 2);
  servers[1].resume();
  servers[2].resume();
  await eventually(() => (lock?.expiresAt ?? 0) > firstEnd);
  expect(lock?.signal.aborted).toBe(false);
  expect(await lock?.release()).toBe(true);
});

it('a short lease is renewed by the clock and not in a busy loop', async () => {
  await nodes[0].config('RESETSTAT');
  const startedAt = performance.now();
  const lock = await provider.acquire(key, { leaseMs: 200 });
  const firstEnd = lock?.expiresAt ?? Infinity;
  await eventually(() => (lock?.expiresAt ?? 0) > firstEnd + 600);
  const renewals = /cmdstat_evalsha:calls=(\d+)/.exec(await nodes[0].info('commandstats'))?.[1];
  // One every 98 ms; half of that is the allowance for early timers.
  expect(Number(renewals)).toBeLessThan(1 + (performance.now() - startedAt) / 49);
});

it('retries do not block themselves with what an earlier try left behind', async () => {
  const occupy = async (name: string): Promise<void> => {
    await nodes[0].set(name, 'other', 'PX', 60);
    await nodes[1].set(name, 'other', 'PX', 200);
  };
  // The library alone takes node 3, then node 1, and then meets only itself.
  const bare = nodes.map((node): RedlockNode => ({
    evalsha: (hash, keyCount, args) => node.evalsha(hash, keyCount, ...args),
    eval: (script, keyCount, args) => node.eval(script, keyCount, ...args),
  }));
  const alone = new Library(bare, { retryCount: 20, retryDelay: 20, retryJitter: 0 });
  await occupy(key);
  await expect(alone.acquire([key], 5_000)).rejects.toThrow(ExecutionError);
  await occupy(`${key}2`);
  expect(await provider.acquire(`${key}2`)).not.toBeNull();
});

it('a lock whose lease ended while the store did not answer is not handed out', async () => {
  const single = await open('redis');
  servers[0].pause();
  const acquiring = single.acquire(key, { leaseMs: 150 });
  const pausedAt = performance.now();
  await eventually(() => performance.now() - pausedAt > 300);
  servers[0].resume();
  const lock = await acquiring;
  expect(lock?.expiresAt).toBeGreaterThan(Date.now());
  expect(await nodes[0].get(key)).toBe(lock?.token);
  await single.close();
});

it.each(['redlock', 'redis'] as const)(
  'a %s lock is waited for in bounded time when Redis hangs, and nothing stays taken',
  async (driver) => {
    const other = await open(driver);
    for (const server of servers) server.pause();
    const startedAt = performance.now();
    expect(await other.acquire(key, { timeToTryMs: 100 })).toBeNull();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    for (const server of servers) server.resume();
    await eventually(async () => {
      const left = await Promise.all(nodes.map((node) => node.exists(key)));
      return left.every((count) => count === 0);
    });
    await other.close();
  },
);

it.each(['redlock', 'redis'] as const)(
  'a %s lock whose nodes are gone is lost by signal, never by an exception',
  async (driver) => {
    const other = await open(driver);
    const lock = await other.acquire(key, { leaseMs: 400 });
    await Promise.all(servers.map((server) => server.kill()));
    expect(await lock?.extend()).toBe(false);
    await eventually(() => lock?.signal.aborted ?? false);
    expect(await lock?.release()).toBe(false);
    expect(await other.acquire(key, { timeToTryMs: 50 })).toBeNull();
    expect(log.failures.length).toBeGreaterThan(0);
    await other.close();
  },
);

it('a minority of nodes that are gone does not matter', async () => {
  await servers[2].kill();
  const lock = await provider.acquire(key);
  expect(await lock?.extend()).toBe(true);
  expect(await lock?.release()).toBe(true);
});

it('what the routine threw is what is seen, though the lock was lost under it', async () => {
  await expect(failUnderLostLock()).rejects.toThrow('the routine failed under {p1}:lock:r1');
});

async function failUnderLostLock(): Promise<void> {
  await using lock = await provider.acquire(key);
  await Promise.all(nodes.map((node) => node.del(key)));
  throw new Error(`the routine failed under ${lock?.key}`);
}

it('the library, whose typings NodeNext cannot find, is touched by one file', () => {
  const folder = new URL('../src/', import.meta.url);
  const users = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .filter((path) => readFileSync(new URL(path, folder), 'utf8').includes("from 'redlock'"));
  expect(users).toEqual(['locks/redlock-lock.ts']);
});
