import { type RunId } from '@joinery/core';
import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeyBuilder, createRedisStore, type RunStore } from '../src/index.ts';
import {
  claimArgs,
  commitArgs,
  dispatchOf,
  newRun,
  putAgain,
  putNew,
  resultArgs,
  startedEvent,
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
const load = { runId, lock: null, isForced: false, actor: 'c1/load' } as const;

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

const lockOf = (token: string) => ({ token, leaseMs: 60_000, overtakeAfterMs: 1_000 });
const branch = (name: string) => taskRow(name, { isTail: true, joins: { j: 3 } });
const dueAt = async (id: RunId = runId) => (await store.attention(id))?.dueAt;

describe('start-run', () => {
  it('makes the record, the payloads and the first decision in one step', async () => {
    await startWith(store, runId, [taskRow('a')], { priority: 7 });
    expect(await store.find(runId)).toMatchObject({
      id: runId,
      status: 'RUNNING',
      version: 1,
      decision: 1,
      nonce: 'n1',
      open: 1,
      priority: 7,
      createdAt: now,
      closing: null,
      compensating: null,
      failedPermissive: [],
    });
    expect(await store.payload(runId, 'run:input')).toEqual({ amount: 3 });
    expect(await store.rows(runId)).toEqual([
      taskRow('a', { rev: 1, scheduledAt: now, firstScheduledAt: now }),
    ]);
    expect(await store.history(runId, 1, 9)).toEqual([
      { version: 1, at: now, actor: 'test', event: startedEvent },
    ]);
    expect(await dueAt()).toBe(now + 2_000);
  });
  it('answers a repeated start and changes nothing', async () => {
    await startWith(store, runId, [taskRow('a')]);
    now += 5;
    await startWith(store, runId, [taskRow('a')]);
    expect((await store.find(runId))?.createdAt).toBe(startOfTime);
    expect(await store.history(runId, 1, 9)).toHaveLength(1);
  });
  it('finds the run that owns the idempotency key, and starts anew when that one is gone', async () => {
    const second = testRunId('two');
    const start = (id: RunId) =>
      store.start({
        run: newRun(id, { idempotencyKey: 'k' }),
        commands: [],
        nonce: 'n1',
        hasMore: false,
        actor: 'test',
      });
    await start(runId);
    expect(await start(second)).toEqual({ type: 'exists', runId, status: 'RUNNING' });
    expect(await store.find(second)).toBeNull();
    await redis.del(...Object.values(keys.run(runId)));
    expect(await start(second)).toEqual({ type: 'started', runId: second });
    expect(await start(testRunId('three'))).toMatchObject({ type: 'exists', runId: second });
  });
  it('is dirty at once when the first decision has more to do', async () => {
    await store.start({ run: newRun(runId), commands: [], nonce: 'n', hasMore: true, actor: 'x' });
    expect(await dueAt()).toBe(now + 500);
    expect((await store.load(load)).type).toBe('slice');
  });
  it('keeps a large payload in a key of its own, for good', async () => {
    const input = { text: 'x'.repeat(500) };
    await startWith(store, runId, [], { input });
    const [blobKey] = await redis.keys(`*${runId}:blob:*`);
    expect(await redis.ttl(blobKey ?? '')).toBe(-1);
    expect(await store.payload(runId, 'run:input')).toEqual(input);
  });
  it('fetches a large payload once for all decisions, and anew for all others', async () => {
    await startWith(store, runId, [], { input: { text: 'x'.repeat(500) } });
    const needs = { rows: [], data: ['run:input'] as const, arrivals: [] };
    const [first, second] = [await store.read(runId, needs), await store.read(runId, needs)];
    expect(second?.data.get('run:input')).toBe(first?.data.get('run:input'));
    expect(await store.payload(runId, 'run:input')).not.toBe(first?.data.get('run:input'));
    expect(await store.payload(runId, 'run:input')).toEqual(first?.data.get('run:input'));
  });
  it('refuses a payload over the limit before anything is written', async () => {
    const variables = { text: 'x'.repeat(300_000) };
    await expect(startWith(store, runId, [], { variables })).rejects.toMatchObject({
      code: 'JN_PAYLOAD_TOO_LARGE',
    });
    expect(await redis.dbsize()).toBe(0);
  });
});

describe('load-slice', () => {
  it('answers gone, clean and paused runs without a fence', async () => {
    expect(await store.load(load)).toEqual({ type: 'gone' });
    await startWith(store, runId, [taskRow('a')]);
    expect(await store.load(load)).toEqual({ type: 'clean', status: 'RUNNING' });
    await store.commit(
      commitArgs(runId, { commands: [{ type: 'patch-run', patch: { status: 'PAUSED' } }] }),
    );
    await store.complete({ ...resultArgs(runId, 'a', ''), output: {} });
    expect(await store.load(load)).toEqual({ type: 'clean', status: 'PAUSED' });
    expect((await store.load({ ...load, isForced: true })).type).toBe('slice');
  });
  it('brings the to-do rows, due timers with their rows, and a fence that grows', async () => {
    await startWith(store, runId, [taskRow('a'), taskRow('b', { seq: 2 })]);
    await store.commit(
      commitArgs(runId, { commands: [{ type: 'arm-timer', timer: 'wait:b', delayMs: 50 }] }),
    );
    await store.complete(resultArgs(runId, 'a', ''));
    now += 50;
    const first = await store.load(load);
    const second = await store.load(load);
    if (first.type !== 'slice' || second.type !== 'slice') throw new Error('no slice');
    expect(first.slice.todo).toEqual(['a']);
    expect(first.slice.due).toEqual(['wait:b']);
    expect([...first.slice.rows.keys()]).toEqual(['a', 'b']);
    expect(first.slice.at).toBe(now);
    // Above the fence with which the decision was committed, whoever has issued that one.
    expect([first.fence, first.loads, second.fence, second.loads]).toEqual([2, 1, 3, 2]);
  });
  it('takes the lock, is busy for others, and lets them pass a run that has waited too long', async () => {
    await startWith(store, runId, [taskRow('a')]);
    await store.complete(resultArgs(runId, 'a', ''));
    const mine = { ...load, lock: lockOf('mine') };
    expect(await store.load(mine)).toMatchObject({ type: 'slice', hasLock: true });
    expect(await store.load(mine)).toMatchObject({ type: 'slice', hasLock: true });
    now += 1_000;
    const other = { ...load, lock: lockOf('other') };
    expect(await store.load(other)).toEqual({ type: 'busy', waitedMs: 1_000 });
    expect(await store.lockHolder(runId)).toMatchObject({ token: 'mine' });
    now += 1;
    expect(await store.load(other)).toMatchObject({ type: 'slice', hasLock: false });
  });
  it('brings pages of open rows while the run closes, each only until it is closed', async () => {
    const rows = Array.from({ length: 600 }, (_none, i) => taskRow(`t${i}`, { seq: i + 1 }));
    await startWith(store, runId, rows);
    const closing = { status: 'TERMINATED', reason: 'enough' } as const;
    await store.commit(
      commitArgs(runId, { commands: [{ type: 'patch-run', patch: { closing } }], hasMore: true }),
    );
    let decision = 2;
    let nonce = 'n2';
    let closed = 0;
    for (;;) {
      // A load that is never followed by a commit must not lose its page.
      await store.load(load);
      const reply = await store.load(load);
      if (reply.type !== 'slice') throw new Error(reply.type);
      const page = reply.slice.openPage;
      closed += page?.rows.length ?? 0;
      if (page?.rows.length === 0 && !page.hasMore) break;
      const commands = (page?.rows ?? []).map((row) =>
        putAgain({ ...row, status: 'CANCELED', isSettled: true }),
      );
      const args = { decision, nonce, fence: reply.fence, nextNonce: `n${decision + 1}` };
      await store.commit(commitArgs(runId, { ...args, commands, hasMore: true }));
      decision += 1;
      nonce = args.nextNonce;
    }
    expect(closed).toBe(600);
    expect((await store.find(runId))?.open).toBe(0);
    expect(await redis.hlen(keys.run(runId).outbox)).toBe(0);
    expect(await redis.zcard(keys.partition(0).unsent)).toBe(0);
  });
});

describe('commit-decision', () => {
  beforeEach(() => startWith(store, runId, [taskRow('a')]));

  it('is refused by decision, nonce, fence and task, and repeated by its nonce', async () => {
    const row = { ...taskRow('a'), rev: 1, status: 'CANCELED', isSettled: true } as const;
    const good = commitArgs(runId, { commands: [putAgain(row)] });
    const tries = [
      { ...good, decision: 2 },
      { ...good, nonce: 'other' },
      { ...good, fence: 0 },
      { ...good, commands: [putAgain({ ...row, rev: 2 })] },
      { ...good, commands: [putNew(taskRow('a'))] },
    ];
    const refusals = await Promise.all(tries.map((args) => store.commit(args)));
    expect(refusals).toEqual(
      ['decision', 'decision', 'fence', 'task', 'task'].map((by) => ({ type: 'refused', by })),
    );
    expect(await store.commit(good)).toMatchObject({ type: 'committed', isDirty: false });
    const after = await store.find(runId);
    expect(await store.commit(good)).toMatchObject({ type: 'repeated' });
    expect(await store.find(runId)).toEqual(after);
    expect(await store.commit({ ...good, runId: testRunId('none') })).toEqual({ type: 'gone' });
  });
  it('does not clear what has become dirty since the load', async () => {
    await store.complete(resultArgs(runId, 'a', ''));
    const reply = await store.commit(commitArgs(runId, { dirty: 0 }));
    expect(reply).toMatchObject({ type: 'committed', isDirty: true });
    const next = commitArgs(runId, {
      decision: 2,
      nonce: 'n2',
      nextNonce: 'n3',
      fence: 2,
      dirty: 1,
    });
    expect(await store.commit(next)).toMatchObject({ isDirty: false });
    expect(await dueAt()).toBe(now + 30_000);
  });
  it('is dirty when it has more to do, although nothing had arrived', async () => {
    const reply = await store.commit(commitArgs(runId, { hasMore: true }));
    expect(reply).toMatchObject({ isDirty: true });
    expect(await dueAt()).toBe(now + 500);
  });
  it('remembers the last operations by their ids', async () => {
    await store.commit(commitArgs(runId, { requestId: 'op-1' }));
    const resend = commitArgs(runId, {
      requestId: 'op-1',
      decision: 2,
      nonce: 'n2',
      nextNonce: 'n3',
    });
    expect(await store.commit({ ...resend, fence: 2 })).toMatchObject({ type: 'repeated' });
  });
  it('carries out every command', async () => {
    await store.claim(claimArgs(runId, 'a'));
    const retried = taskRow('a', { attempt: 2, seq: 2, rev: 2, dispatch: 2 });
    const reply = await store.commit(
      commitArgs(runId, {
        commands: [
          { type: 'keep-attempt', key: testKey('a'), attempt: 1 },
          { type: 'put-task', row: retried, presumes: 2, isFresh: true, wasOpen: true },
          { type: 'send', letter: dispatchOf(retried) },
          { type: 'put-data', field: 'o:a', value: [] },
          { type: 'arrive', join: testKey('j'), key: testKey('a') },
          { type: 'arrive', join: testKey('j'), key: testKey('a') },
          { type: 'arrive', join: testKey('j'), key: testKey('b') },
          { type: 'leave', join: testKey('j'), key: testKey('b') },
          { type: 'arrive', join: testKey('j'), key: testKey('b') },
          { type: 'arm-timer', timer: 'total:a', delayMs: 100 },
          { type: 'arm-timer', timer: 'run', delayMs: 100 },
          { type: 'clear-timer', timer: 'run' },
          {
            type: 'patch-run',
            patch: { seq: 9, isRootDone: true, failedPermissive: ['a'], open: 5 },
          },
          { type: 'record', event: { type: 'run.paused', reason: '"quoted"' } },
        ],
      }),
    );
    expect(reply).toMatchObject({ type: 'committed', version: 3 });
    expect(await store.find(runId)).toMatchObject({
      seq: 9,
      isRootDone: true,
      failedPermissive: ['a'],
      open: 5,
    });
    const whole = await store.readWhole(runId);
    expect(whole?.arrivals).toEqual(new Map([['j', 2]]));
    expect([...(whole?.whole?.timers ?? [])]).toEqual(['total:a']);
    expect(whole?.whole?.checks).toEqual(new Set(['a']));
    expect(whole?.whole?.leases).toEqual(new Set());
    expect([...(whole?.rows.keys() ?? [])]).toEqual(['a']);
    expect((await store.rows(runId)).map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await store.payload(runId, 'o:a')).toEqual([]);
  });
  it('ends the run: out of attention, into expiry, without a lock', async () => {
    const lock = { token: 'l', leaseMs: 60_000, overtakeAfterMs: 1_000 };
    const loaded = await store.load({ ...load, isForced: true, lock });
    expect(loaded).toMatchObject({ type: 'slice', hasLock: true });
    await store.claim(claimArgs(runId, 'a'));
    const ended = { status: 'COMPLETED', reason: '' } as const;
    await store.commit(
      commitArgs(runId, { lock, commands: [{ type: 'patch-run', patch: ended }] }),
    );
    expect(await store.find(runId)).toMatchObject({ status: 'COMPLETED', endedAt: now });
    expect(await store.attention(runId)).toBeNull();
    expect(await store.lockHolder(runId)).toBeNull();
    expect(await redis.zscore(keys.partition(0).expiry, runId)).toBe(String(now + 86_400_000));
  });
  it('keeps an ended run in attention until its letters are acknowledged', async () => {
    const ended = { status: 'FAILED', reason: '' } as const;
    await store.commit(commitArgs(runId, { commands: [{ type: 'patch-run', patch: ended }] }));
    expect(await dueAt()).toBe(now + 2_000);
  });
});

describe('claim-task and complete-task', () => {
  it('one claim wins; it repeats itself, others are held, stale or early', async () => {
    await startWith(store, runId, [taskRow('a', { timeoutMs: 900, responseTimeoutMs: 400 })]);
    const claim = claimArgs(runId, 'a');
    const first = await store.claim(claim);
    expect(first).toMatchObject({ type: 'claimed', input: { of: 'a' }, fencingToken: 2 });
    expect(await store.claim(claim)).toEqual(first);
    expect(await store.claim(claimArgs(runId, 'a', 't2'))).toEqual({ type: 'held', worker: 'w1' });
    expect(await store.claim({ ...claim, attempt: 2 })).toEqual({ type: 'stale' });
    expect(await store.claim(claimArgs(testRunId('no'), 'a'))).toEqual({ type: 'gone' });
    expect(await dueAt()).toBe(now + 400);
    now += 3_001;
    expect(await store.claim({ ...claimArgs(runId, 'a', 't2'), dispatch: 2 })).toEqual({
      type: 'stale',
    });
    expect(await store.claim(claimArgs(runId, 'a', 't2'))).toMatchObject({ type: 'claimed' });
    expect(await store.complete(resultArgs(runId, 'a', 't1'))).toEqual({ type: 'stale' });
  });
  it('an attempt that may not start yet is early', async () => {
    await startWith(store, runId, [taskRow('a')]);
    const delay = { type: 'arm-timer', timer: 'delay:a', delayMs: 70 } as const;
    await store.commit(commitArgs(runId, { commands: [delay] }));
    expect(await store.claim(claimArgs(runId, 'a'))).toEqual({ type: 'early', waitMs: 70 });
  });
  it('an attempt delivered too often is handed over as poison, to be completed as lost', async () => {
    await startWith(store, runId, [taskRow('a', { maxDeliveries: 1 })]);
    await store.claim(claimArgs(runId, 'a'));
    now += 3_001;
    const poison = { type: 'poison', token: 't2', deliveries: 1 };
    expect(await store.claim(claimArgs(runId, 'a', 't2'))).toEqual(poison);
    expect(await store.claim(claimArgs(runId, 'a', 't2'))).toEqual(poison);
    const lost = { ...resultArgs(runId, 'a', 't2'), status: 'FAILED', reason: 'LOST' } as const;
    expect(await store.complete(lost)).toEqual({ type: 'stored', isDirty: true });
  });
  it('a result is stored once, and repeated for its own token', async () => {
    await startWith(store, runId, [taskRow('a')]);
    await store.claim(claimArgs(runId, 'a'));
    const result = { ...resultArgs(runId, 'a'), output: { text: 'y'.repeat(300) } };
    expect(await store.complete(result)).toEqual({ type: 'stored', isDirty: true });
    const after = await store.find(runId);
    expect(await store.complete(result)).toEqual({ type: 'repeated', isDirty: true });
    expect(await store.complete({ ...result, token: 't9' })).toEqual({ type: 'stale' });
    expect(await store.find(runId)).toEqual(after);
    expect(await store.payload(runId, 'o:a')).toEqual(result.output);
    expect((await store.rows(runId))[0]).toMatchObject({
      status: 'COMPLETED',
      endedAt: now,
      rev: 3,
    });
    expect(await store.claim(claimArgs(runId, 'a'))).toEqual({ type: 'stale' });
  });
  it('only the last arrival of a join makes the run dirty', async () => {
    await startWith(store, runId, [...['a', 'b', 'c'].map(branch), taskRow('other')]);
    const replies = [];
    for (const name of ['a', 'b', 'c'])
      replies.push(await store.complete(resultArgs(runId, name, '')));
    expect(replies.map((reply) => 'isDirty' in reply && reply.isDirty)).toEqual([
      false,
      false,
      true,
    ]);
    const run = await store.find(runId);
    expect(run).toMatchObject({ open: 2, dirty: 1, seen: 0 });
    const loaded = await store.load(load);
    expect(loaded).toMatchObject({ slice: { todo: ['c'] } });
    const found = await store.read(runId, {
      rows: [testKey('a')],
      data: [],
      arrivals: [testKey('j')],
    });
    expect(found?.arrivals.get(testKey('j'))).toBe(3);
    expect(found?.rows.get(testKey('a'))).toMatchObject({ isSettled: true });
  });
  it('the last open task of a run is never quiet, nor is a failure', async () => {
    await startWith(store, runId, [taskRow('a', { isTail: true }), taskRow('b', { isTail: true })]);
    const failed = { ...resultArgs(runId, 'a', ''), status: 'FAILED' } as const;
    expect(await store.complete(failed)).toMatchObject({ isDirty: true });
    const other = testRunId('two');
    await startWith(store, other, [taskRow('a', { isTail: true })]);
    expect(await store.complete(resultArgs(other, 'a', ''))).toMatchObject({ isDirty: true });
  });
});
