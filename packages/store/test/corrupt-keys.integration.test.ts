import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createKeyBuilder,
  createRedisStore,
  decodeState,
  encodeState,
  type RunStore,
  type StoredState,
} from '../src/index.ts';
import {
  claimArgs,
  commitArgs,
  newRun,
  putAgain,
  resultArgs,
  startedEvent,
  startOfTime,
  startWith,
  taskRow,
  testKey,
  testRunId,
} from './fixtures/run-builders.ts';

/*
 * Redis does not undo what a script has written before it fails. So a script that meets what it cannot read must fail
 * before its first write: every key is as it was before.
 */

let server: RedisServer;
let redis: Redis;
let store: RunStore;
let now = startOfTime;
const keyBuilder = createKeyBuilder('jn', 16);
const runId = testRunId('one');
const neighbour = testRunId('two');
const runKeys = keyBuilder.run(runId);
const { clock: _clock, ...partitionKeys } = keyBuilder.partition(0);
const allKeys: Readonly<Record<string, string>> = { ...partitionKeys, ...runKeys };

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
  store = createRedisStore(redis, { now: () => now });
  const row = taskRow('a', { joins: { j: 2 }, responseTimeoutMs: 10 });
  await startWith(store, runId, [row, taskRow('b')]);
  await startWith(store, neighbour, [taskRow('a')]);
  await store.claim(claimArgs(runId, 'b'));
  await store.claim(claimArgs(neighbour, 'a'));
  now += 3_000;
});

async function dumpAll(): Promise<Readonly<Record<string, string>>> {
  const keys = (await redis.keys('*')).toSorted();
  const dumps = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
  return Object.fromEntries(keys.map((key, i) => [key, dumps[i]?.toString('base64') ?? '']));
}

/** A value of a type that no script expects at this key. */
async function replace(name: string): Promise<void> {
  const key = allKeys[name] ?? '';
  await redis.del(key);
  await (name === 'lock' ? redis.hset(key, 'a', 'b') : redis.set(key, 'not mine'));
}

async function spoilState(fields: Partial<StoredState>): Promise<void> {
  const state = decodeState((await redis.hget(runKeys.run, 'state')) ?? '');
  await redis.hset(runKeys.run, 'state', encodeState({ ...state, ...fields }));
}

const canceled = { ...taskRow('a'), rev: 1, status: 'CANCELED', isSettled: true } as const;
const redelivery = {
  runId,
  key: testKey('a'),
  attempt: 1,
  dispatch: 1,
  token: '',
  repair: 'lost-job',
  delayMs: 0,
  actor: 's',
} as const;
const lock = { token: 'l', leaseMs: 1_000, overtakeAfterMs: 1_000 };

const scripts: Readonly<Record<string, () => Promise<unknown>>> = {
  'start-run': () =>
    store.start({ run: newRun(runId), commands: [], nonce: 'n', hasMore: false, actor: 't' }),
  'load-slice': () => store.load({ runId, lock, isForced: true, actor: 'c' }),
  'commit-decision': () =>
    store.commit(commitArgs(runId, { commands: [putAgain(canceled)], lock })),
  'claim-task': () => store.claim(claimArgs(runId, 'a')),
  'complete-task': () => store.complete(resultArgs(runId, 'b')),
  'redeliver-task': () => store.redeliver(redelivery),
  'ack-letter': () => store.acknowledge(runId, ['notify-parent:a@1']),
  'record-event': () => store.record(runId, startedEvent, 't'),
};

/** What every script that changes a run depends on; the rest only some of them touch. */
const always = new Set(['run', 'attention', 'timers', 'watch']);

describe.each(Object.keys(scripts))('%s', (script) => {
  it.each(Object.keys(allKeys))(
    'refuses a key %s of another type and changes nothing, or has no business with it',
    async (name) => {
      await replace(name);
      const before = await dumpAll();
      const [outcome] = await Promise.allSettled([scripts[script]?.()]);
      const after = await dumpAll();
      const isRefused = outcome.status === 'rejected';
      expect(isRefused || !always.has(name)).toBe(true);
      expect(after[allKeys[name] ?? '']).toBe(before[allKeys[name] ?? '']);
      expect(isRefused ? after : before).toEqual(before);
      expect(isRefused ? outcome.reason : { code: 'JN_STORE_CORRUPT' }).toMatchObject({
        code: 'JN_STORE_CORRUPT',
      });
    },
  );
});

describe('scripts about many runs', () => {
  it.each(Object.keys(runKeys))(
    'go on with the neighbours of a run whose %s is corrupt',
    async (name) => {
      await replace(name);
      const findings = await store.look(0, [runId, neighbour]);
      expect(findings.map(({ corrupt }) => corrupt === '')).toEqual([false, true]);
      expect(findings[0]?.corrupt).toContain(allKeys[name]);
      const beat = { key: testKey('b'), attempt: 1, token: 't1', leaseMs: 3_000, isProgress: true };
      const beats = await store.beat([
        { ...beat, runId },
        { ...beat, runId: neighbour, key: testKey('a') },
      ]);
      const isRead = ['run', 'tasks', 'history', 'timers', 'watch'].includes(name);
      expect(beats).toEqual([!isRead, true]);
    },
  );
});

describe('fail-run', () => {
  it.each(['tasks', 'data', 'timers', 'watch', 'joins', 'todo'])(
    'ends a run whose %s is corrupt',
    async (name) => {
      await replace(name);
      expect(await store.fail({ runId, reason: 'unreadable', actor: 's' })).toBe('failed');
      expect(await store.find(runId)).toMatchObject({ status: 'FAILED', reason: 'unreadable' });
      expect(await store.attention(runId)).toBeNull();
    },
  );
  it('ends a run whose counters cannot be read', async () => {
    await redis.hset(runKeys.run, 'state', '["RUNNING",1.5]');
    expect(await store.fail({ runId, reason: 'unreadable', actor: 's' })).toBe('failed');
    expect(await store.find(runId)).toMatchObject({ status: 'FAILED', version: 3 });
  });
  it.each(['attention', 'unsent', 'expiry', 'moved', 'run', 'history', 'outbox', 'lock'])(
    'changes nothing when the key %s is of another type',
    async (name) => {
      await replace(name);
      const before = await dumpAll();
      const failing = store.fail({ runId, reason: 'unreadable', actor: 's' });
      await expect(failing).rejects.toMatchObject({ code: 'JN_STORE_CORRUPT' });
      expect(await dumpAll()).toEqual(before);
    },
  );
});

describe('contents that cannot be read', () => {
  const spoilers: Readonly<Record<string, () => Promise<unknown>>> = {
    'a counter of the record': () => spoilState({ dirty: 'many' }),
    'a counter that is no whole number': () => spoilState({ decision: 1.5 }),
    'a state that is no list': () => redis.hset(runKeys.run, 'state', '[1'),
    'a history with a gap': () => redis.lpop(runKeys.history),
    'a row that is no JSON': () => redis.hset(runKeys.tasks, 'a', '9 {"attempt":', 'b', '9 {'),
    'a row without a revision': () => redis.hset(runKeys.tasks, 'a', '{}', 'b', '{}'),
  };
  it.each(Object.keys(spoilers))('%s: no script writes anything', async (spoiler) => {
    await spoilers[spoiler]?.();
    const before = await dumpAll();
    const names = ['claim-task', 'complete-task', 'redeliver-task', 'commit-decision'];
    const replies = await Promise.allSettled(names.map((name) => scripts[name]?.()));
    expect(await dumpAll()).toEqual(before);
    for (const reply of replies.slice(0, 3)) {
      expect(reply).toMatchObject({ reason: { code: 'JN_STORE_CORRUPT' } });
    }
  });
  it('a count of arrivals: neither a completion nor a commit writes anything', async () => {
    await redis.hset(runKeys.joins, 'j', 'some');
    const before = await dumpAll();
    const arrive = { type: 'arrive', join: testKey('j'), key: testKey('a') } as const;
    const tries = [
      store.complete(resultArgs(runId, 'a', '')),
      store.commit(commitArgs(runId, { commands: [putAgain(canceled), arrive] })),
    ];
    for (const reply of await Promise.allSettled(tries)) {
      expect(reply).toMatchObject({ reason: { code: 'JN_STORE_CORRUPT' } });
    }
    expect(await dumpAll()).toEqual(before);
  });
  it('a letter: the look says so, and moves nothing of that run', async () => {
    await redis.hset(runKeys.outbox, 'dispatch:a', 'what');
    const watch = await redis.zrange(runKeys.watch, 0, -1, 'WITHSCORES');
    const [finding] = await store.look(0, [runId]);
    expect(finding?.corrupt).toContain('letter of a');
    expect(await redis.zrange(runKeys.watch, 0, -1, 'WITHSCORES')).toEqual(watch);
  });
  it('a payload that is no JSON: whoever reads it is told that it will never be', async () => {
    await redis.hset(runKeys.data, 'o:a', '{nonsense', 'run:input', '{nonsense');
    const corrupt = { code: 'JN_STORE_CORRUPT' };
    await expect(store.payload(runId, 'o:a')).rejects.toMatchObject(corrupt);
    const needs = { rows: [], data: ['run:input' as const], arrivals: [] };
    await expect(store.read(runId, needs)).rejects.toMatchObject(corrupt);
  });

  it('a payload whose blob is gone: reading it says so', async () => {
    const small = createRedisStore(redis, { now: () => now, inlineMaxBytes: 1, deadlineMs: 500 });
    await small.complete(resultArgs(runId, 'a', ''));
    const [blob] = await redis.keys(`${runKeys.run}:blob:*`);
    await redis.del(blob ?? '');
    await expect(small.payload(runId, 'o:a')).rejects.toMatchObject({ code: 'JN_STORE_CORRUPT' });
  });
});
