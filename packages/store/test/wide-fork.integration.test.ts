import { type Command } from '@joinery/core';
import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRedisStore } from '../src/index.ts';
import {
  commitArgs,
  dispatchOf,
  putNew,
  resultArgs,
  startWith,
  taskRow,
  testRunId,
} from './fixtures/run-builders.ts';

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

const WIDTH = 10_000;
/** What one decision puts. */
const CHUNK = 256;

/** Processor time that Redis has used: unlike the clock, it does not grow while others keep the machine busy. */
async function cpuMs(): Promise<number> {
  const found = /used_cpu_user_main_thread:([\d.]+)/.exec(await redis.info('cpu'));
  return Number(found?.[1]) * 1000;
}

function branchCommands(from: number): Command[] {
  const length = Math.min(CHUNK, WIDTH - from);
  return Array.from({ length }, (_none, i) => {
    const row = taskRow(`b${from + i}`, { seq: from + i + 1, isTail: true, joins: { j: WIDTH } });
    return [
      putNew(row),
      { type: 'put-data', field: `i:${row.key}`, value: { index: from + i } },
      { type: 'send', letter: dispatchOf(row) },
      { type: 'arm-timer', timer: `poll:${row.key}`, delayMs: 60_000 },
    ] satisfies Command[];
  }).flat();
}

it('a fork of 10,000 branches passes in chunks of which none holds Redis for 50 ms', async () => {
  const store = createRedisStore(redis);
  const runId = testRunId('wide');
  await startWith(store, runId, []);
  const costs: number[] = [];
  let step = 1;
  for (let from = 0; from < WIDTH; from += CHUNK) {
    const names = { decision: step, nonce: `n${step}`, nextNonce: `n${step + 1}`, fence: step };
    const commands = branchCommands(from);
    const before = await cpuMs();
    const reply = await store.commit(commitArgs(runId, { ...names, commands, hasMore: true }));
    costs.push((await cpuMs()) - before);
    expect(reply.type).toBe('committed');
    step += 1;
  }
  expect(await store.find(runId)).toMatchObject({ open: WIDTH });
  expect((await store.readWhole(runId))?.rows.size).toBe(WIDTH);
  expect(await store.complete(resultArgs(runId, 'b77', ''))).toMatchObject({ type: 'stored' });
  expect((await store.look(0, [runId]))[0]).toMatchObject({ corrupt: '' });
  expect(Math.max(...costs)).toBeLessThan(50);
});
