import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRedisStore } from '../src/index.ts';
import {
  claimArgs,
  commitArgs,
  newRun,
  resultArgs,
  startedEvent,
  startWith,
  taskRow,
  testRunId,
} from './fixtures/run-builders.ts';

let server: RedisServer;
let redis: Redis;
const runId = testRunId('one');

beforeEach(async () => {
  server = await startRedis({ appendonly: true });
  redis = new Redis(server.url, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
});
afterEach(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});

it('a call that meets a restart waits for Redis and is done once', async () => {
  const store = createRedisStore(redis);
  await startWith(store, runId, [taskRow('a')]);
  await redis.config('SET', 'appendfsync', 'always');
  await redis.bgsave().catch(() => undefined);
  const restarting = server.restart();
  const claimed = await store.claim(claimArgs(runId, 'a'));
  await restarting;
  expect(claimed).toMatchObject({ type: 'claimed' });
  expect(await store.history(runId, 1, 9)).toHaveLength(2);
});

it('a call says that Redis is unavailable when its deadline has come, also when Redis merely hangs', async () => {
  const store = createRedisStore(redis, { deadlineMs: 300 });
  await store.find(runId);
  server.pause();
  await expect(store.find(runId)).rejects.toMatchObject({ code: 'JN_REDIS_UNAVAILABLE' });
  server.resume();
  await server.kill();
  const start = { run: newRun(runId), commands: [], nonce: 'n', hasMore: false, actor: 't' };
  await expect(store.start(start)).rejects.toMatchObject({
    code: 'JN_REDIS_UNAVAILABLE',
    details: { operation: 'start-run', waitedMs: 300 },
  });
});

it('an error that does not pass is not waited for, and has left no trace', async () => {
  const store = createRedisStore(redis, { deadlineMs: 60_000 });
  await redis.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');
  const start = startWith(store, runId, [taskRow('a')]);
  await expect(start).rejects.toThrow(/OOM/);
  expect(await redis.dbsize()).toBe(0);
});

it('a transition whose reply is lost is sent again, and is done once', async () => {
  const lossy = redis.duplicate();
  const answered = new Set<string>();
  const [evalsha, evalText] = [lossy.evalsha.bind(lossy), lossy.eval.bind(lossy)];
  const loseFirst = (script: string, reply: unknown): unknown => {
    if (answered.has(script)) return reply;
    answered.add(script);
    throw new Error('read ECONNRESET');
  };
  Object.assign(lossy, {
    evalsha: async (sha: string, count: number, ...args: string[]) =>
      loseFirst(sha, await evalsha(sha, count, ...args)),
    eval: async (text: string, count: number, ...args: string[]) =>
      loseFirst(text, await evalText(text, count, ...args)),
  });
  try {
    const store = createRedisStore(lossy);
    await startWith(store, runId, [taskRow('a'), taskRow('b', { seq: 2 })]);
    const claimed = await store.claim(claimArgs(runId, 'a'));
    expect(claimed).toMatchObject({ type: 'claimed', fencingToken: 2, row: { deliveries: 1 } });
    expect((await store.complete(resultArgs(runId, 'a'))).type).toBe('repeated');
    expect((await store.commit(commitArgs(runId, { dirty: 1 }))).type).toBe('repeated');
    expect(await store.record(runId, startedEvent, 'test')).toBe('recorded');
    expect(await store.fail({ runId, reason: 'x', actor: 'test' })).toBe('ended');
    const events = (await store.history(runId, 1, 99)).map(({ event }) => event.type);
    expect(events).toEqual([
      'run.started',
      'task.started',
      'task.completed',
      'run.started',
      'run.ended',
    ]);
    expect(await store.find(runId)).toMatchObject({ version: 5, decision: 3, dirty: 1, seen: 1 });
  } finally {
    lossy.disconnect();
  }
});
