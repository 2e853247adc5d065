import { type RedisClient } from '../script.ts';
import { createLeasedLockProvider, type LockProviderOptions } from './leased-lock-provider.ts';
import { createLocalLockDriver } from './local-lock.ts';
import { type LockDriver } from './lock-driver.ts';
import { type LockDriverName, type LockProvider } from './lock-provider.ts';
import { monotonicTime } from './lock-time.ts';
import { silentLockObserver } from './lock-tunables.ts';
import { createNoopLockDriver } from './noop-lock.ts';
import { createRedisLockDriver } from './redis-lock.ts';
import { createRedlockDriver } from './redlock-lock.ts';

/** What the configuration says about locks, and what stands behind it. */
export interface LockProviderConfig extends LockProviderOptions {
  readonly driver: LockDriverName;
  /** The Redis that holds the runs: driver `redis`, and `redlock` without nodes of its own. */
  readonly redis: RedisClient;
  /** Independent nodes for `redlock`, an odd number. Default: `redis` alone. */
  readonly lockNodes?: readonly RedisClient[];
  /** Live processes that may take these locks, this one included. Asked once, by `local` and `noop`. */
  readonly liveProcesses: () => Promise<number>;
  /** Lets `local` and `noop` run beside other processes, which they do not lock out. */
  readonly isForced?: boolean;
}

/** Part of requestTimeout after which a lock node is given up: a try and its undoing fit in one. */
const nodeShare = 0.4;

/** Makes the provider that the configuration names. Rejects when its driver cannot lock out the live processes. */
export async function createLockProvider(config: LockProviderConfig): Promise<LockProvider> {
  const { driver, liveProcesses, isForced = false } = config;
  if (!isForced && (driver === 'local' || driver === 'noop')) {
    const count = await liveProcesses();
    if (count > 1) {
      throw new Error(
        `Lock driver ${driver} works within one process, but ${count} are live: ` +
          'choose redlock or redis, stop the others, or force it',
      );
    }
  }
  return createLeasedLockProvider(createDriver(config), config);
}

function createDriver(config: LockProviderConfig): LockDriver {
  const { redis, time = monotonicTime, observer = silentLockObserver } = config;
  switch (config.driver) {
    case 'redlock':
      return createRedlockDriver({
        nodes: config.lockNodes ?? [redis],
        nodeTimeoutMs: (config.requestTimeoutMs ?? 500) * nodeShare,
        onNodeError: (error) => observer.failed(error),
        time,
      });
    case 'redis':
      return createRedisLockDriver(redis, time);
    case 'local':
      return createLocalLockDriver(time);
    case 'noop':
      return createNoopLockDriver(time);
  }
}
