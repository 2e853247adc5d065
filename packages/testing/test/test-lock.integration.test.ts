import { type EnginePorts } from '@joinery/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openLocalSystem } from '../src/chaos/local-system.ts';
import { isExclusive, testLock, testLocks } from '../src/chaos/test-lock.ts';
import { type RedisServer, startRedis } from '../src/index.ts';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());
afterEach(() => {
  vi.unstubAllEnvs();
});

const nobody = { tasks: [], workers: 0, coordinators: 0, sweepers: 0, schedulers: 0 } as const;

describe('JOINERY_TEST_LOCK', () => {
  it.each([
    ['redlock', 'in the run’s slot'],
    ['redis', 'in the run’s slot'],
    ['local', 'for one at a time'],
    ['noop', 'for everybody'],
    ['lying', 'for everybody'],
  ])('%s: systems and engines of tests decide under a lock %s', async (lock, kind) => {
    vi.stubEnv('JOINERY_TEST_LOCK', lock);
    await using system = await openLocalSystem({ url: redis.url, ...nobody });
    const { engine } = system.client;
    expect(await kindOf(engine.locks)).toBe(kind);
    expect(await kindOf(await testLocks(system.client.redis))).toBe(kind);
    expect(isExclusive()).toBe(kind !== 'for everybody');
  });

  it('leaves a test the lock that it configures', async () => {
    vi.stubEnv('JOINERY_TEST_LOCK', 'noop');
    const env = { JOINERY_LOCK_DRIVER: 'redis' };
    await using system = await openLocalSystem({ url: redis.url, ...nobody, env });
    expect(system.client.engine.locks).toBe('fused');
  });

  it('is none when unset, and wrong when unknown', () => {
    vi.stubEnv('JOINERY_TEST_LOCK', undefined);
    expect([testLock(), isExclusive()]).toEqual([undefined, true]);
    vi.stubEnv('JOINERY_TEST_LOCK', 'lyin');
    expect(() => testLock()).toThrow('lying');
  });
});

/** Two ask at once: who is granted what they ask for? */
async function kindOf(locks: EnginePorts['locks']): Promise<string> {
  if (locks === 'fused') return 'in the run’s slot';
  const options = { use: 'decide', timeToTryMs: 0, leaseMs: 60_000 } as const;
  const first = await locks.acquire('run', options);
  const second = await locks.acquire('run', options);
  await second?.release();
  await first?.release();
  if (first === null) return 'for nobody';
  return second === null ? 'for one at a time' : 'for everybody';
}
