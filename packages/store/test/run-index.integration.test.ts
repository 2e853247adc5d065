import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createKeyBuilder, createRedisRunIndex } from '../src/index.ts';
import { testRunId } from './fixtures/run-builders.ts';
import { indexCheck } from './mutants/index-check.ts';

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

const runId = testRunId('one');
const entry = {
  runId,
  definition: 'order',
  definitionVersion: 1,
  status: 'RUNNING',
  correlationId: 'c',
  idempotencyKey: '',
  parentId: '',
  priority: 0,
  createdAt: 5,
  updatedAt: 5,
  endedAt: 0,
  reason: '',
} as const;

const tagOf = (key: string): string => /\{([^}]+)\}/.exec(key)?.[1] ?? '';

describe('the index over runs', () => {
  it('agrees with its twin after every change', async () => {
    await expect(indexCheck(redis)).resolves.toBeUndefined();
  });

  it('lies apart from the runs of its partition', async () => {
    const index = createRedisRunIndex(redis);
    await index.put(0, [{ runId, seen: '', entry }]);
    const tags = new Set((await redis.keys('*')).map(tagOf));
    expect([...tags]).toEqual(['ix-0']);
    expect(tags).not.toContain(tagOf(createKeyBuilder('jn', 16).partition(0).runs));
  });

  it('forgets its own keys alone, and leaves none when the last run is gone', async () => {
    const index = createRedisRunIndex(redis, { prefix: 'a*b' });
    const neighbour = createRedisRunIndex(redis, { prefix: 'axb' });
    for (const each of [index, neighbour]) await each.put(0, [{ runId, seen: '', entry }]);
    const [known] = await neighbour.look(0, [runId]);
    await index.clear();
    expect((await redis.keys('a*')).every((key) => key.startsWith('axb'))).toBe(true);
    expect(await neighbour.look(0, [runId])).toEqual([known]);
    await neighbour.put(0, [{ runId, seen: known?.seen ?? '', entry: null }]);
    expect(await redis.keys('*')).toEqual([]);
  });
});
