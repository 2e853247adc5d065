import { type DecideLocks, type EnginePorts } from '@joinery/engine';
import { createLockProvider, type RedisClient } from '@joinery/store';
import { z } from 'zod';

/** Locks under which whole test files can be run. `lying` grants everybody everything. */
export const TEST_LOCKS = ['redlock', 'redis', 'local', 'noop', 'lying'] as const;
/** One of {@link TEST_LOCKS}. */
export type TestLock = (typeof TEST_LOCKS)[number];

/** Grants everybody everything. */
export const lyingLocks: DecideLocks = { acquire: async () => ({ release: async () => true }) };

const testLockSchema = z.enum(TEST_LOCKS).optional();

/** The lock that `JOINERY_TEST_LOCK` asks for; undefined = each test has what it configures. Throws for unknown names. */
export function testLock(): TestLock | undefined {
  return testLockSchema.parse(process.env['JOINERY_TEST_LOCK']);
}

/** False where nobody is locked out: what tests of exclusion are about does not hold then. */
export function isExclusive(lock = testLock()): boolean {
  return lock !== 'noop' && lock !== 'lying';
}

/** Configuration of a process that is to have this lock; of `lying` there is none. */
export function lockEnv(lock = testLock()): Readonly<Record<string, string>> {
  if (lock === undefined || lock === 'lying') return {};
  return { JOINERY_LOCK_DRIVER: lock, JOINERY_LOCK_FORCE: 'true' };
}

/** Ports of an engine that is to have this lock, besides its configuration. */
export function lockPorts(lock = testLock()): Partial<EnginePorts> {
  return lock === 'lying' ? { locks: lyingLocks } : {};
}

/** The locks of an engine that is put together by hand; without `JOINERY_TEST_LOCK` those in the run's slot. */
export async function testLocks(redis: RedisClient): Promise<EnginePorts['locks']> {
  const lock = testLock();
  if (lock === 'lying') return lyingLocks;
  if (lock !== 'noop' && lock !== 'local') return 'fused';
  return createLockProvider({ driver: lock, redis, liveProcesses: async () => 1 });
}
