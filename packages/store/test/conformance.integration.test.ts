import {
  createRedisAgenda,
  createRedisDefinitionStore,
  createRedisFleet,
  createRedisNudges,
  createRedisStore,
  createRedisTunables,
} from '@joinery/store';
import { startRedis, type RedisServer } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { describeAgenda } from './agenda-conformance.ts';
import { describePorts } from './ports-conformance.ts';
import { describeStore } from './store-conformance.ts';
import { START_AT } from './store-fixtures.ts';

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

describeStore('Redis', async () => {
  await redis.flushall();
  const clock = { now: START_AT };
  const store = createRedisStore(redis, { partitions: 4, now: () => clock.now });
  return { store, clock, close: () => store.close() };
});

describePorts('Redis', async () => {
  await redis.flushall();
  const clock = { now: START_AT };
  return {
    definitions: createRedisDefinitionStore(redis),
    tunables: createRedisTunables(redis),
    fleet: createRedisFleet(redis, { now: () => clock.now }),
    nudges: createRedisNudges(redis),
    clock,
  };
});

describeAgenda('Redis', async () => {
  await redis.flushall();
  const clock = { now: START_AT };
  return { agenda: createRedisAgenda(redis, { now: () => clock.now }), clock };
});
