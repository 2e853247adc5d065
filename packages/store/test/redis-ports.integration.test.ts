import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createRedisDefinitionStore,
  createRedisFleet,
  createRedisNudges,
  createRedisTunables,
  type Member,
} from '../src/index.ts';
import { startOfTime, testRunId } from './fixtures/run-builders.ts';

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => redis.flushall());

describe('definitions', () => {
  it('are found by name and version, the highest one without a version', async () => {
    const store = createRedisDefinitionStore(redis);
    for (const version of [2, 10, 9]) await store.putWorkflow('order', version, { version });
    expect(await store.getWorkflow('order')).toEqual({ version: 10 });
    expect(await store.getWorkflow('order', 9)).toEqual({ version: 9 });
    expect(await store.getWorkflow('order', 3)).toBeNull();
    expect(await store.getWorkflow('other')).toBeNull();
    expect((await store.listWorkflows()).map(({ version }) => version)).toEqual([2, 9, 10]);
  });
  it('leave the list with their last version', async () => {
    const store = createRedisDefinitionStore(redis);
    await store.putWorkflow('order', 1, {});
    expect(await store.removeWorkflow('order', 2)).toBe(false);
    expect(await store.removeWorkflow('order', 1)).toBe(true);
    // What is left says that the definitions are others than before.
    expect(await redis.keys('*')).toEqual([expect.stringMatching(/:stamp$/)]);
  });
  it('of tasks come as a map of those that are known', async () => {
    const store = createRedisDefinitionStore(redis);
    await store.putTask('a', { retryCount: 1 });
    expect(await store.getTasks(['a', 'b'])).toEqual(new Map([['a', { retryCount: 1 }]]));
    expect(await store.getTasks([])).toEqual(new Map());
  });
  it('are never changed once they are pinned', async () => {
    const store = createRedisDefinitionStore(redis);
    const content = { planId: 'p', definition: { name: 'order' }, taskDefs: [] };
    await store.pin(content);
    await store.pin({ ...content, definition: {} });
    expect(await store.getPinned('p')).toEqual(content);
    expect(await store.getPinned('q')).toBeNull();
  });
});

describe('tunables', () => {
  it('are what was set last', async () => {
    const tunables = createRedisTunables(redis);
    await tunables.set('lock.decide.timeToTry', '2s');
    expect(await tunables.get('lock.decide.timeToTry')).toBe('2s');
    expect(await tunables.get('other')).toBeNull();
    expect(await tunables.all()).toEqual({ 'lock.decide.timeToTry': '2s' });
  });
});

const member = (id: string): Member => ({
  id,
  roles: ['worker'],
  host: 'h',
  pid: 1,
  startedAt: startOfTime,
  phase: 'ready',
  taskTypes: [],
  inflight: 0,
});

describe('the fleet', () => {
  it('holds a member for 15 s after its beat, and forgets it after ten times that', async () => {
    let now = startOfTime;
    const fleet = createRedisFleet(redis, { now: () => now });
    await fleet.beat(member('a'));
    now += 15_000;
    await fleet.beat(member('b'));
    expect(await fleet.live()).toEqual([
      { ...member('a'), beatAt: startOfTime },
      { ...member('b'), beatAt: now },
    ]);
    now += 1;
    expect((await fleet.live()).map(({ id }) => id)).toEqual(['b']);
    now += 150_000;
    await fleet.beat(member('c'));
    expect(await redis.hkeys('jn:{fleet}:info')).toEqual(['c']);
  });
  it('says how many are left when one leaves', async () => {
    const fleet = createRedisFleet(redis);
    await fleet.beat(member('a'));
    await fleet.beat(member('b'));
    expect(await fleet.leave('a')).toMatchObject({ live: 1 });
    expect(await fleet.leave('a')).toMatchObject({ live: 1 });
  });
});

describe('nudges', () => {
  const ids = ['one', 'two', 'three'].map(testRunId);
  const never = new AbortController().signal;

  it('come out in the order in which they went in, each once', async () => {
    const nudges = createRedisNudges(redis);
    await nudges.push(ids);
    expect(await nudges.pop(1_000, 2, never)).toEqual(ids.slice(0, 2));
    expect(await nudges.pop(1_000, 2, never)).toEqual(ids.slice(2));
    expect(await nudges.pop(0, 2, never)).toEqual([]);
    await nudges.close();
  });
  it('wake a caller that waits, and one caller only', async () => {
    const nudges = createRedisNudges(redis);
    const waiting = [nudges.pop(5_000, 2, never), nudges.pop(200, 2, never)];
    await nudges.push(ids.slice(0, 1));
    const first = await Promise.race(waiting);
    expect(first).toEqual([ids[0]]);
    await nudges.close();
    expect((await Promise.all(waiting)).flat()).toEqual([ids[0]]);
  });
  it('stop waiting at their time, at their signal, and when Redis hangs', async () => {
    const nudges = createRedisNudges(redis);
    expect(await nudges.pop(20, 1, never)).toEqual([]);
    const aborter = new AbortController();
    const waiting = nudges.pop(60_000, 1, aborter.signal);
    aborter.abort();
    expect(await waiting).toEqual([]);
    expect(await nudges.pop(60_000, 1, aborter.signal)).toEqual([]);
    const deaf = nudges.pop(10, 1, never);
    // The caller has found the list empty and blocks by the time that this has been answered.
    await redis.ping();
    server.pause();
    try {
      expect(await deaf).toEqual([]);
    } finally {
      server.resume();
    }
    await nudges.close();
  });
  it('keep only the newest when nobody comes for them', async () => {
    const nudges = createRedisNudges(redis);
    const many = Array.from({ length: 10_001 }, (_none, i) => testRunId(`n${i}`));
    await nudges.push(many);
    expect(await redis.llen('jn:{nudge}:runs')).toBe(10_000);
    expect(await nudges.pop(0, 1, never)).toEqual([many[1]]);
    await nudges.close();
  });
});
