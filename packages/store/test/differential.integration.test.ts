import { startRedis, type RedisServer } from '@joinery/testing';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { timedSteps } from './differential-steps.ts';
import { DifferentialWorld, type Tally } from './differential-world.ts';

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url, { enableAutoPipelining: true });
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});

test('Redis and memory agree after every step of any history', { timeout: 120_000 }, async () => {
  const tally: Tally = new Map();
  await fc.assert(
    fc.asyncProperty(timedSteps(30), async (steps) => {
      await redis.flushall();
      const world = new DifferentialWorld(redis, tally);
      for (const each of steps) await world.do(each);
    }),
    { numRuns: 200, interruptAfterTimeLimit: 60_000 },
  );
  expect(REACHED.filter((outcome) => !tally.has(outcome))).toEqual([]);
});

/** Outcomes without which the run has proved too little. */
const REACHED = [
  'start:started',
  'start:exists',
  'load:slice',
  'load:clean',
  'load:busy',
  'commit:committed',
  'commit:repeated',
  'commit:refused',
  'claim:claimed',
  'claim:held',
  'claim:early',
  'claim:stale',
  'claim:poison',
  'claim:gone',
  'complete:stored',
  'complete:repeated',
  'complete:stale',
  'redeliver:redelivered',
  'redeliver:poison',
  'redeliver:unchanged',
  'fail:failed',
  'fail:ended',
  'record:recorded',
  'purge:purged',
];
