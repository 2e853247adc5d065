import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRedisPollBook, createRedisTaskLogs } from '../src/index.ts';
import { testRunId } from './fixtures/run-builders.ts';

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

describe('task logs', () => {
  const runId = testRunId('logs');

  it('keep the lines of each attempt in their order', async () => {
    const logs = createRedisTaskLogs(redis);
    await logs.append(runId, 'a', [{ at: 5, text: 'first' }]);
    await logs.append(runId, 'a', [{ at: 4, text: 'second "q"' }]);
    await logs.append(runId, 'b', []);
    expect(await logs.list(runId, 'a')).toEqual([
      { at: 5, text: 'first' },
      { at: 4, text: 'second "q"' },
    ]);
    expect(await logs.list(runId, 'b')).toEqual([]);
  });

  it('forget the oldest lines beyond a thousand, and themselves after a week', async () => {
    const logs = createRedisTaskLogs(redis);
    const lines = Array.from({ length: 800 }, (_none, at) => ({ at, text: 'x' }));
    await logs.append(runId, 'a', lines);
    await logs.append(runId, 'a', lines);
    const kept = await logs.list(runId, 'a');
    expect(kept).toHaveLength(1_000);
    expect(kept[0]?.at).toBe(600);
    const [key = ''] = await redis.keys('*');
    expect(await redis.ttl(key)).toBeGreaterThan(6 * 86_400);
  });
});

describe('the poll book', () => {
  const poll = { taskType: 't', domain: '', worker: 'w', at: 10_000_000 };

  it('knows the last poll of each worker, type and domain, the latest first', async () => {
    const book = createRedisPollBook(redis);
    await book.note([]);
    await book.note([poll, { ...poll, domain: 'd', at: poll.at + 1 }]);
    await book.note([{ ...poll, at: poll.at - 5 }]);
    expect(await book.list()).toEqual([{ ...poll, domain: 'd', at: poll.at + 1 }, poll]);
  });

  it('forgets who has not polled for an hour', async () => {
    const book = createRedisPollBook(redis);
    await book.note([poll]);
    const later = { ...poll, worker: 'other', at: poll.at + 3_600_001 };
    await book.note([later]);
    expect(await book.list()).toEqual([later]);
  });
});
