import { connectRedis } from '@joinery/queues';
import { createRecordingLogger } from '@joinery/kit';
import { createRedisStoreEpoch } from '@joinery/store';
import { type RedisServer, startRedis } from '@joinery/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkEpoch } from '../src/looks/check-epoch.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis({ appendonly: true });
});
afterAll(() => server[Symbol.asyncDispose]());

it('makes every run due when another server holds the store, and one of many says so', async () => {
  const logger = createRecordingLogger();
  const redis = connectRedis(server.url, logger);
  const epochs = createRedisStoreEpoch(redis);
  let madeDue = 0;
  const store = {
    makeAllDue: () => {
      madeDue += 1;
      return Promise.resolve();
    },
  };
  const check = () => checkEpoch({ epochs, store, logger });
  try {
    expect([await check(), await check(), madeDue]).toEqual([false, false, 0]);
    await server.restart();
    const news = await Promise.all([check(), check(), check()]);
    expect(news.filter(Boolean)).toHaveLength(1);
    expect(madeDue).toBeGreaterThanOrEqual(1);
    expect(await check()).toBe(false);
    expect((await epochs.peek()).epoch).toBe(2);
    expect(logger.events().filter((event) => event === 'store.epoch-began')).toHaveLength(1);
  } finally {
    redis.disconnect();
  }
});
