/*
 * What a script is held to, as functions that reject when it does something else. Scripts of runs are held to the
 * in-memory twin by random histories, always the same ones; those without a twin to their models, a few lines each.
 */
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import {
  createMemoryFleet,
  createRedisDefinitionStore,
  createRedisFleet,
  createRedisStoreEpoch,
  type Fleet,
  type Member,
} from '../../src/index.ts';
import { acquireLock, extendLock, releaseLock } from '../../src/locks/redis-lock.ts';
import { runScript } from '../../src/script.ts';
import { timedSteps } from '../differential-steps.ts';
import { DifferentialWorld } from '../differential-world.ts';
import { START_AT } from '../store-fixtures.ts';

/** Rejects when the scripts behind this connection are wrong. Redis is empty at its beginning. */
export type Check = (redis: Redis) => Promise<void>;

const SEED = 20_241;
const histories = fc.sample(timedSteps(30), { numRuns: 200, seed: SEED });

/** Redis and the twin agree after every step of the first `count` histories. */
export function agreeWithTwin(count = histories.length): Check {
  return async (redis) => {
    for (const steps of histories.slice(0, count)) {
      await redis.flushall();
      const world = new DifferentialWorld(redis, new Map());
      for (const each of steps) await world.do(each);
    }
  };
}

/** A lock key belongs to one token until its lease ends. */
export const lockCheck: Check = async (redis) => {
  const key = { lock: 'l' };
  const [mine, other] = ['a'.repeat(32), 'b'.repeat(32)];
  const acquire = async (token: string): Promise<string> =>
    (await runScript(redis, acquireLock, key, { token, leaseMs: 50_000 })).type;
  const extend = async (token: string): Promise<string> =>
    (await runScript(redis, extendLock, key, { token, leaseMs: 90_000 })).type;
  const release = async (token: string): Promise<string> =>
    (await runScript(redis, releaseLock, key, { token })).type;
  expect([await extend(mine), await release(mine)]).toEqual(['lost', 'lost']);
  expect([await acquire(mine), await acquire(mine), await acquire(other)]).toEqual([
    'granted',
    'granted',
    'taken',
  ]);
  expect(await redis.get('l')).toBe(mine);
  await expectTtl(redis, 50_000);
  expect([await extend(other), await release(other)]).toEqual(['lost', 'lost']);
  expect(await redis.get('l')).toBe(mine);
  await expectTtl(redis, 50_000);
  expect(await extend(mine)).toBe('extended');
  await expectTtl(redis, 90_000);
  expect([await release(mine), await redis.exists('l')]).toEqual(['released', 0]);
};

async function expectTtl(redis: Redis, leaseMs: number): Promise<void> {
  const leftMs = await redis.pttl('l');
  expect(leftMs).toBeLessThanOrEqual(leaseMs);
  expect(leftMs).toBeGreaterThan(leaseMs - 30_000);
}

function memberOf(id: string): Member {
  const about = { roles: ['worker'], host: 'h', pid: 1, startedAt: START_AT } as const;
  return { id, ...about, phase: 'ready', taskTypes: [], inflight: 0 };
}

/** A member lives 15 s from its last beat, and is forgotten after ten times that. */
export const fleetCheck: Check = async (redis) => {
  const clock = { now: START_AT };
  const fleet = createRedisFleet(redis, { now: () => clock.now });
  const live = async (): Promise<readonly string[]> => (await fleet.live()).map(({ id }) => id);
  await fleet.beat(memberOf('a'));
  clock.now += 14_000;
  await fleet.beat(memberOf('b'));
  clock.now += 1_000;
  await fleet.beat({ ...memberOf('b'), inflight: 3 });
  expect(await fleet.live()).toEqual([
    { ...memberOf('a'), beatAt: START_AT },
    { ...memberOf('b'), inflight: 3, beatAt: clock.now },
  ]);
  clock.now += 1;
  expect(await live()).toEqual(['b']);
  await fleet.beat(memberOf('c'));
  expect(await fleet.leave('c')).toMatchObject({ live: 1 });
  expect(await fleet.leave('c')).toMatchObject({ live: 1 });
  expect((await redis.hkeys('jn:{fleet}:info')).toSorted()).toEqual(['a', 'b']);
  // A member without its description is none.
  await redis.zadd('jn:{fleet}:members', clock.now, 'ghost');
  expect(await live()).toEqual(['b']);
  await redis.zrem('jn:{fleet}:members', 'ghost');
  clock.now = START_AT + 150_000;
  await fleet.beat(memberOf('d'));
  expect(await redis.zrange('jn:{fleet}:members', 0, -1)).toEqual(['b', 'd']);
  expect((await redis.hkeys('jn:{fleet}:info')).toSorted()).toEqual(['b', 'd']);
  expect(await fleet.leave('d')).toMatchObject({ live: 0 });
  await fleetAgreement(redis);
};

/** Redis and the twin say the same of beats and leaves in any order. */
async function fleetAgreement(redis: Redis): Promise<void> {
  const ids = fc.constantFrom('a', 'b', 'web');
  const step = fc.record({
    id: ids,
    what: fc.constantFrom('beat', 'beat', 'QUIESCED', 'LEFT'),
    passMs: fc.constantFrom(0, 1, 4_000, 15_000, 15_001, 200_000),
  });
  const plays = fc.sample(fc.array(step, { minLength: 4, maxLength: 25 }), {
    numRuns: 60,
    seed: SEED,
  });
  for (const play of plays) {
    await redis.flushall();
    const clock = { now: START_AT };
    const now = (): number => clock.now;
    const [inRedis, inMemory] = [createRedisFleet(redis, { now }), createMemoryFleet({ now })];
    for (const { id, what, passMs } of play) {
      clock.now += passMs;
      const member = { ...memberOf(id), roles: id === 'web' ? ['server'] : ['worker'] };
      const act = (fleet: Fleet): Promise<unknown> =>
        what === 'LEFT' || what === 'QUIESCED' ? fleet.leave(id, what) : fleet.beat(member);
      expect(await act(inRedis)).toEqual(await act(inMemory));
      expect(await inRedis.state()).toEqual(await inMemory.state());
      // A5: never suspended while an engine is alive.
      const engines = (await inRedis.live()).filter((each) => each.id !== 'web');
      expect(engines.length > 0 && (await inRedis.state()).mode !== 'ACTIVE').toBe(false);
    }
  }
}

/** An epoch lasts as long as one server holds the store. */
export const epochCheck: Check = async (redis) => {
  const epochs = createRedisStoreEpoch(redis);
  const noted = [];
  for (const identity of ['a', 'a', 'b', 'b', 'a']) noted.push(await epochs.note(identity));
  expect(noted).toEqual([
    { epoch: 1, isNew: false },
    { epoch: 1, isNew: false },
    { epoch: 2, isNew: true },
    { epoch: 2, isNew: false },
    { epoch: 3, isNew: true },
  ]);
};

/** A version is removed once, and its name with the last one. */
export const definitionCheck: Check = async (redis) => {
  const store = createRedisDefinitionStore(redis);
  for (const version of [1, 2]) await store.putWorkflow('wf', version, { version });
  await store.putWorkflow('other', 1, {});
  const stamp = await store.workflowsStamp();
  expect(await store.removeWorkflow('wf', 3)).toBe(false);
  expect(await store.workflowsStamp()).toBe(stamp);
  expect(await store.removeWorkflow('wf', 2)).toBe(true);
  expect(await store.workflowsStamp()).not.toBe(stamp);
  expect(await store.listWorkflows()).toEqual([
    { name: 'other', version: 1 },
    { name: 'wf', version: 1 },
  ]);
  expect(await store.removeWorkflow('wf', 1)).toBe(true);
  expect(await store.removeWorkflow('wf', 1)).toBe(false);
  expect(await redis.smembers('jn:{def}:workflows')).toEqual(['other']);
};
