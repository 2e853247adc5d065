import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRedisStore } from '../src/index.ts';
import { claimArgs, newRun, startWith, taskRow, testRunId } from './fixtures/run-builders.ts';

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
