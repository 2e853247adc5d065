import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { type RedisServer, startRedis } from '@joinery/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type OpenEngine, openEngine, registerDefinition, startRun } from '../src/index.ts';
import { forkDefinition } from './fixtures/test-engine.ts';

let server: RedisServer;
const opened: OpenEngine[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function openWith(env: Readonly<Record<string, string>>): Promise<OpenEngine> {
  const config = parseConfig({ REDIS_URL: server.url, ...env });
  const processId = `process-${opened.length}`;
  const each = await openEngine({ config, logger: createRecordingLogger(), processId });
  opened.push(each);
  return each;
}

describe('an engine that is opened from the configuration', () => {
  it.each([
    ['20 by default', {}, 21],
    ['as often as it is told', { JOINERY_WORKER_MAX_REDELIVERIES: '3' }, 4],
    ['never, when told so', { JOINERY_WORKER_MAX_REDELIVERIES: '0' }, 1],
  ])('delivers an attempt again: %s', async (_what, env, maxDeliveries) => {
    const { engine } = await openWith(env);
    await registerDefinition(engine, forkDefinition);
    const { runId } = await startRun(engine, { name: 'fork' });
    const rows = await engine.store.rows(runId);
    const branches = rows.filter(({ type }) => type === 'SIMPLE');
    expect(branches.map((row) => row.maxDeliveries)).toEqual(Array(3).fill(maxDeliveries));
  });

  it('asks lock nodes as seldom as it is told', async () => {
    const env = { JOINERY_LOCK_NODES: server.url, JOINERY_LOCK_RETRY_DELAY: '10s' };
    const [holder, waiting] = [await openWith(env), await openWith(env)];
    const key = 'held';
    const options = { use: 'decide', timeToTryMs: 1_000, leaseMs: 60_000 } as const;
    const [{ locks: first }, { locks: second }] = [holder.engine, waiting.engine];
    if (first === 'fused' || second === 'fused') throw new Error('these locks stand apart');
    const lock = await first.acquire(key, options);
    await waiting.redis.config('RESETSTAT');
    expect(await second.acquire(key, options)).toBeNull();
    const stats = await waiting.redis.info('commandstats');
    const tries = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/gu)];
    // A try at both ends of timeToTry, and one more when the timer comes a moment early, of up to three calls each; with
    // the default of 50 ms there are some twenty tries.
    const count = tries.reduce((sum, [, calls]) => sum + Number(calls), 0);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(9);
    expect(await lock?.release()).toBe(true);
  });
});
