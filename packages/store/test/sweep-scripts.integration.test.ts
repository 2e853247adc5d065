import { type RunId, runIdOf } from '@joinery/core';
import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createKeyBuilder,
  createRedisStore,
  type RedeliverArgs,
  type RunStore,
} from '../src/index.ts';
import {
  claimArgs,
  commitArgs,
  dispatchOf,
  newRun,
  resultArgs,
  startOfTime,
  startWith,
  taskRow,
  testKey,
  testRunId,
} from './fixtures/run-builders.ts';

let server: RedisServer;
let redis: Redis;
let store: RunStore;
let now = startOfTime;
const keys = createKeyBuilder('jn', 16);
const runId = testRunId('one');

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis.flushall();
  now = startOfTime;
  store = createRedisStore(redis, { now: () => now, inlineMaxBytes: 200 });
});

const dueAt = async (id: RunId = runId) => (await store.attention(id))?.dueAt;
const beatOf = (token: string, isProgress = false) => ({
  runId,
  key: testKey('a'),
  attempt: 1,
  token,
  leaseMs: 3_000,
  isProgress,
});
const redelivery: RedeliverArgs = {
  runId,
  key: testKey('a'),
  attempt: 1,
  dispatch: 1,
  token: '',
  repair: 'claim-ended',
  delayMs: 0,
  actor: 'sweeper',
};

describe('beat-claims', () => {
  it('renews held claims of several partitions and says which are lost', async () => {
    const elsewhere = runIdOf(15, 'elsewhere');
    await startWith(store, runId, [taskRow('a', { responseTimeoutMs: 5_000 })]);
    await startWith(store, elsewhere, [taskRow('a')]);
    await store.claim(claimArgs(runId, 'a'));
    await store.claim(claimArgs(elsewhere, 'a'));
    now += 2_000;
    const beats = [beatOf('t1', true), { ...beatOf('t1'), runId: elsewhere }, beatOf('t9')];
    expect(await store.beat(beats)).toEqual([true, true, false]);
    expect(await dueAt()).toBe(now + 3_000);
    now += 2_500;
    await store.beat([beatOf('t1')]);
    expect((await store.load({ runId, lock: null, isForced: false, actor: 'c' })).type).toBe(
      'clean',
    );
    now += 2_500;
    const loaded = await store.load({ runId, lock: null, isForced: false, actor: 'c' });
    expect(loaded).toMatchObject({ slice: { due: ['response:a'] } });
    expect(await store.history(runId, 1, 9)).toHaveLength(2);
  });
  it('loses the claims of a run that closes', async () => {
    await startWith(store, runId, [taskRow('a')]);
    await store.claim(claimArgs(runId, 'a'));
    const closing = { status: 'TERMINATED', reason: '' } as const;
    await store.commit(
      commitArgs(runId, { commands: [{ type: 'patch-run', patch: { closing } }] }),
    );
    expect(await store.beat([beatOf('t1')])).toEqual([false]);
  });
});

describe('redeliver-task', () => {
  beforeEach(() =>
    startWith(store, runId, [taskRow('a', { maxDeliveries: 2, pollTimeoutMs: 50 })]),
  );

  it('leaves a living claim alone, and sends an ended one again under a new number', async () => {
    await store.claim(claimArgs(runId, 'a'));
    expect(await store.redeliver(redelivery)).toEqual({ type: 'unchanged' });
    now += 3_000;
    const letter = { ...dispatchOf(taskRow('a')), dispatch: 2 };
    expect(await store.redeliver(redelivery)).toEqual({ type: 'redelivered', letter });
    expect(await store.redeliver(redelivery)).toEqual({ type: 'unchanged' });
    expect(await store.claim(claimArgs(runId, 'a', 't2'))).toEqual({ type: 'stale' });
    expect(await store.unsent(0, 0, 9)).toEqual([{ runId, definition: 'order', letter, at: now }]);
    expect((await store.history(runId, 3, 9)).map(({ event }) => event)).toEqual([
      { type: 'task.redelivered', key: 'a', attempt: 1, why: 'claim-ended' },
      { type: 'repair.found', kind: 'claim-ended', key: 'a' },
    ]);
    expect(await dueAt()).toBe(now + 50);
  });
  it('takes a claim back from its holder alone', async () => {
    await store.claim(claimArgs(runId, 'a'));
    const handBack = { ...redelivery, repair: null, delayMs: 40 };
    expect(await store.redeliver({ ...handBack, token: 't9' })).toEqual({ type: 'unchanged' });
    expect(await store.redeliver({ ...handBack, token: 't1' })).toMatchObject({
      type: 'redelivered',
    });
    const again = { ...claimArgs(runId, 'a', 't2'), dispatch: 2 };
    expect(await store.claim(again)).toEqual({ type: 'early', waitMs: 40 });
    now += 40;
    expect(await store.claim(again)).toMatchObject({ type: 'claimed', row: { deliveries: 2 } });
    const event = (await store.history(runId, 3, 1))[0]?.event;
    expect(event).toMatchObject({ type: 'task.redelivered', why: 'handed-back' });
  });
  it('hands poison over with a token to complete it by', async () => {
    await store.claim(claimArgs(runId, 'a', 't1'));
    now += 3_000;
    await store.claim(claimArgs(runId, 'a', 't2'));
    now += 3_000;
    const reply = await store.redeliver(redelivery);
    expect(reply).toMatchObject({ type: 'poison', deliveries: 2 });
    const token = reply.type === 'poison' ? reply.token : '';
    const lost = { ...resultArgs(runId, 'a', token), status: 'FAILED' } as const;
    expect(await store.complete(lost)).toMatchObject({ type: 'stored' });
  });
  it('does nothing for a run that is gone', async () => {
    expect(await store.redeliver({ ...redelivery, runId: testRunId('no') })).toEqual({
      type: 'gone',
    });
  });
});

describe('take-due', () => {
  it('takes what is due once a second, and removes nothing', async () => {
    await startWith(store, runId, [taskRow('a')]);
    expect(await store.take(0, 9)).toEqual({ runIds: [], now, gapMs: 0, forgotten: [] });
    now += 2_000;
    expect((await store.take(0, 9)).runIds).toEqual([runId]);
    expect((await store.take(0, 9)).runIds).toEqual([]);
    now += 1_000;
    expect((await store.take(0, 9)).runIds).toEqual([runId]);
  });
  it('notices that the clock has jumped forward, or back', async () => {
    await startWith(store, runId, []);
    await store.take(0, 9);
    now += 10_001;
    expect((await store.take(0, 9)).gapMs).toBe(10_001);
    now -= 100_000;
    expect((await store.take(0, 9)).runIds).toEqual([runId]);
  });
});

describe('take-due, of runs that are in no index', () => {
  const { attention, expiry } = keys.partition(0);
  it('finds them, at once and then every 10 s, in pages', async () => {
    await startWith(store, runId, [taskRow('a')]);
    await redis.zrem(attention, runId);
    expect(await store.take(0, 9)).toMatchObject({ runIds: [runId], forgotten: [runId] });
    expect(await store.attention(runId)).toEqual({ runId, dueAt: now + 1_000 });
    await redis.zrem(attention, runId);
    now += 9_999;
    expect(await store.take(0, 9)).toMatchObject({ runIds: [], forgotten: [] });
    now += 1;
    expect(await store.take(0, 9)).toMatchObject({ forgotten: [runId] });
  });
  it('leaves ended runs alone, and gives one that is never to be purged its moment back', async () => {
    await startWith(store, runId, []);
    await store.fail({ runId, reason: 'old', actor: 's' });
    expect(await store.take(0, 9)).toMatchObject({ runIds: [], forgotten: [] });
    await redis.zrem(expiry, runId);
    now += 10_000;
    expect(await store.take(0, 9)).toMatchObject({ forgotten: [runId] });
    await store.look(0, [runId]);
    expect(await store.attention(runId)).toBeNull();
    expect(Number(await redis.zscore(expiry, runId))).toBe(now + 7 * 86_400_000);
  });
});

describe('take-due, of many runs that are in no index', () => {
  const { attention, runs } = keys.partition(0);
  it('takes no more than was asked for; the others come next', async () => {
    const ids = ['one', 'two', 'three'].map((name) => testRunId(name));
    for (const id of ids) await startWith(store, id, []);
    await redis.del(attention);
    const first = await store.take(0, 2);
    expect(first.forgotten).toHaveLength(3);
    expect(first.runIds).toHaveLength(2);
    const second = await store.take(0, 2);
    expect([...first.runIds, ...second.runIds].toSorted()).toEqual(ids.toSorted());
  });
  it('sweeps on when the list of all runs cannot be read', async () => {
    await startWith(store, runId, [taskRow('a')]);
    await redis.set(runs, 'no list');
    now += 2_000;
    expect(await store.take(0, 9)).toMatchObject({ runIds: [runId], forgotten: [] });
  });
});

describe('look-runs', () => {
  it('finds ended claims until they are delivered again, which it leaves possible', async () => {
    await startWith(store, runId, [taskRow('a')]);
    await store.claim(claimArgs(runId, 'a'));
    now += 3_000;
    const ended = [{ key: 'a', attempt: 1, dispatch: 1 }];
    expect(await store.look(0, [runId])).toMatchObject([{ endedClaims: ended, checks: [] }]);
    expect(await store.look(0, [runId])).toMatchObject([{ endedClaims: [] }]);
    expect(await dueAt()).toBe(now + 1_000);
    now += 1_000;
    expect(await store.look(0, [runId])).toMatchObject([{ endedClaims: ended }]);
    expect(await store.redeliver(redelivery)).toMatchObject({ type: 'redelivered' });
  });
  it('a late beat takes an ended claim back into its lease', async () => {
    await startWith(store, runId, [taskRow('a')]);
    await store.claim(claimArgs(runId, 'a'));
    now += 3_000;
    await store.look(0, [runId]);
    expect(await store.beat([beatOf('t1')])).toEqual([true]);
    expect(await store.redeliver(redelivery)).toEqual({ type: 'unchanged' });
    expect(await dueAt()).toBe(now + 3_000);
  });
  it('asks for a job after 2, 4, 8, 16 s and then every 30 s, with or without its letter', async () => {
    await startWith(store, runId, [taskRow('a')]);
    const asked: number[] = [];
    for (let second = 0; second <= 92; second += 1) {
      const [finding] = await store.look(0, [runId]);
      if (finding?.checks.length === 1) asked.push(second);
      if (second === 40) await redis.hdel(keys.run(runId).outbox, 'dispatch:a');
      now += 1_000;
    }
    expect(asked).toEqual([2, 4, 8, 16, 32, 62, 92]);
  });
  it('says what needs a decision, and asks for a full evaluation once a minute', async () => {
    await startWith(store, runId, [taskRow('a')]);
    now += 59_999;
    expect(await store.look(0, [runId])).toMatchObject([
      { needsDecision: false, isFullDue: false },
    ]);
    now += 1;
    expect(await store.look(0, [runId])).toMatchObject([{ needsDecision: true, isFullDue: true }]);
    const loaded = await store.load({ runId, lock: null, isForced: false, actor: 'c' });
    expect(loaded).toMatchObject({ type: 'slice', isFullDue: true });
    await store.commit(commitArgs(runId, { wasFull: true }));
    expect(await store.look(0, [runId])).toMatchObject([
      { needsDecision: false, isFullDue: false },
    ]);
    await store.complete(resultArgs(runId, 'a', ''));
    expect(await store.look(0, [runId])).toMatchObject([{ needsDecision: true, isFullDue: false }]);
  });
  it.each(['tasks', 'watch', 'outbox', 'todo', 'joins', 'timers'] as const)(
    'asks for a full evaluation of a calm run that has lost %s, within a minute',
    async (name) => {
      const row = taskRow('a', { joins: { j: 2 }, pollTimeoutMs: 1e9 });
      await startWith(store, runId, [row, taskRow('b')]);
      await redis.hset(keys.run(runId).joins, 'j', 0);
      await redis.zadd(keys.run(runId).timers, now + 1e9, 'poll:a');
      await redis.zadd(keys.run(runId).todo, 1, 'a');
      await store.commit(commitArgs(runId, { wasFull: true, isCalm: true }));
      now += 60_000;
      expect(await store.look(0, [runId])).toMatchObject([{ isFullDue: false }]);
      await redis.del(keys.run(runId)[name]);
      expect(await store.look(0, [runId])).toMatchObject([{ isFullDue: true }]);
    },
  );
  it('costs four commands for a run in which nothing is due', async () => {
    const ids = ['r1', 'r2', 'r3'].map(testRunId);
    for (const id of ids) await startWith(store, id, [taskRow('a')]);
    await store.look(0, ids);
    await redis.config('RESETSTAT');
    expect(await store.look(0, ids)).toHaveLength(3);
    const stats = await redis.info('commandstats');
    const calls = [...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name, n]) => [name, n]);
    expect(Object.fromEntries(calls)).toMatchObject({
      evalsha: '1',
      hmget: '3',
      zrange: '6',
      zadd: '3',
    });
    expect(Object.fromEntries(calls)).not.toHaveProperty('type');
  });
  it('drops from attention what is gone, and says nothing of it', async () => {
    await startWith(store, runId, []);
    await redis.del(keys.run(runId).run);
    expect(await store.look(0, [runId])).toEqual([]);
    expect(await store.attention(runId)).toBeNull();
  });
});

describe('letters', () => {
  it('are unsent until they are marked, and for relays only after a while', async () => {
    await startWith(store, runId, [taskRow('a'), taskRow('b')]);
    expect(await store.unsent(0, 200, 9)).toEqual([]);
    now += 200;
    expect((await store.unsent(0, 200, 9)).map(({ letter }) => letter.key)).toEqual(['a', 'b']);
    expect(await store.unsent(0, 200, 1)).toHaveLength(1);
    await store.markSent([{ runId, letterId: 'dispatch:a' }]);
    expect((await store.unsent(0, 200, 9)).map(({ letter }) => letter.key)).toEqual(['b']);
    await store.claim(claimArgs(runId, 'b'));
    expect(await store.unsent(0, 200, 9)).toEqual([]);
  });
});

describe('fail-run and record-event', () => {
  it('end a run without a decision, once, and refuse the decision that was on its way', async () => {
    await startWith(store, runId, [taskRow('a')]);
    const failing = { runId, reason: 'kills its process', actor: 's' };
    expect(await store.fail(failing)).toBe('failed');
    expect(await store.fail(failing)).toBe('ended');
    expect(await store.fail({ ...failing, runId: testRunId('no') })).toBe('gone');
    expect(await store.commit(commitArgs(runId))).toEqual({ type: 'refused', by: 'decision' });
    expect(await store.claim(claimArgs(runId, 'a'))).toEqual({ type: 'stale' });
    expect(await store.attention(runId)).toBeNull();
    expect(await store.unsent(0, 0, 9)).toEqual([]);
  });
  it('drop a letter that nobody can read, so that the run comes to rest', async () => {
    await startWith(store, runId, [taskRow('a')]);
    await redis.hset(keys.run(runId).outbox, { 'event:a@1': 'what', 'event:b@1': '{"at":1,' });
    await store.fail({ runId, reason: 'cannot be read', actor: 's' });
    expect(await store.attention(runId)).toBeNull();
    expect(await redis.exists(keys.run(runId).outbox)).toBe(0);
  });
  it('keep the history without a gap', async () => {
    await startWith(store, runId, [taskRow('a')]);
    const event = { type: 'repair.found', kind: 'lost-job', key: 'a' } as const;
    expect(await store.record(runId, event, 'sweeper')).toBe('recorded');
    expect(await store.record(testRunId('no'), event, 'sweeper')).toBe('gone');
    await store.claim(claimArgs(runId, 'a'));
    const history = await store.history(runId, 2, 9);
    expect(history.map(({ version }) => version)).toEqual([2, 3]);
    expect(history[0]).toEqual({ version: 2, at: now, actor: 'sweeper', event });
    expect(await store.find(runId)).toMatchObject({ version: 3, lastActor: 'w1/claim' });
  });
});

describe('purge-run', () => {
  it('removes every key of a large run in steps; it is gone from the first step on', async () => {
    const rows = Array.from({ length: 1_500 }, (_none, i) => taskRow(`t${i}`, { seq: i + 1 }));
    const input = { text: 'z'.repeat(500) };
    await startWith(store, runId, rows, { idempotencyKey: 'k', input });
    await startWith(store, testRunId('two'), []);
    await store.fail({ runId, reason: 'old', actor: 's' });
    const before = await redis.keys(`*${testRunId('two')}*`);
    expect(await store.purge(0, 9)).toEqual({ purged: 0, hasMore: false });
    now += 7 * 86_400_000;
    expect(await store.purge(0, 9)).toEqual({ purged: 0, hasMore: true });
    expect(await store.find(runId)).toBeNull();
    expect(await store.record(runId, { type: 'run.paused', reason: '' }, 'x')).toBe('gone');
    for (let steps = 1; (await store.purge(0, 9)).hasMore; steps += 1)
      expect(steps).toBeLessThan(9);
    expect(await redis.keys(`*${runId}*`)).toEqual([]);
    expect(await redis.keys(`*${testRunId('two')}*`)).toEqual(before);
    expect(await redis.zcard(keys.partition(0).runs)).toBe(1);
    const [idem] = await redis.keys('*idem*');
    expect(await redis.ttl(idem ?? '')).toBeGreaterThan(6 * 86_400);
  });
  it('leaves alone what has been opened again', async () => {
    await startWith(store, runId, []);
    await store.fail({ runId, reason: 'old', actor: 's' });
    const { decision, nonce } = (await store.find(runId)) ?? { decision: 0, nonce: '' };
    const open = { type: 'patch-run', patch: { status: 'RUNNING' } } as const;
    await store.commit(commitArgs(runId, { decision, nonce, commands: [open] }));
    now += 8 * 86_400_000;
    expect(await store.purge(0, 9)).toEqual({ purged: 0, hasMore: false });
    expect(await store.find(runId)).toMatchObject({ status: 'RUNNING', endedAt: 0 });
  });
});

describe('lists', () => {
  it('name the newest runs of all partitions first', async () => {
    const ids = [3, 0, 12].map((partition) => runIdOf(partition, 'abcdefgh'));
    for (const id of ids) {
      await store.start({ run: newRun(id), commands: [], nonce: 'n', hasMore: false, actor: 'x' });
      now += 1;
    }
    expect((await store.list(2)).map((run) => run.runId)).toEqual([ids[2], ids[1]]);
    await store.makeAllDue();
    expect(await Promise.all(ids.map((id) => dueAt(id)))).toEqual([now, now, now]);
  });
});
