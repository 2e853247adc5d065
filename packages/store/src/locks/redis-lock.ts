import { type RedisClient, defineScript, runScript, taggedReply } from '../script.ts';
import { type Grant, leaseEnd, type LockDriver, newLockToken } from './lock-driver.ts';
import { type LockTime, monotonicTime } from './lock-time.ts';

interface LockKey {
  readonly lock: string;
}

const keys = ({ lock }: LockKey): readonly string[] => [lock];

/** `lua/acquire-lock.lua` */
export const acquireLock = defineScript({
  name: 'acquire-lock',
  keys,
  args: (args: { readonly token: string; readonly leaseMs: number }) => [args.token, args.leaseMs],
  reply: taggedReply({ granted: {}, taken: {} }),
});

/** `lua/extend-lock.lua` */
export const extendLock = defineScript({
  name: 'extend-lock',
  keys,
  args: (args: { readonly token: string; readonly leaseMs: number }) => [args.token, args.leaseMs],
  reply: taggedReply({ extended: {}, lost: {} }),
});

/** `lua/release-lock.lua` */
export const releaseLock = defineScript({
  name: 'release-lock',
  keys,
  args: (args: { readonly token: string }) => [args.token],
  reply: taggedReply({ released: {}, lost: {} }),
});

/**
 * A lock on one Redis (or on the slot of its key in a Cluster). Key and value are what the Redlock library writes, so a
 * script on the same slot may take, test or free the same lock.
 */
export function createRedisLockDriver(
  redis: RedisClient,
  time: LockTime = monotonicTime,
): LockDriver {
  const release = async ({ key, token }: Grant): Promise<boolean> => {
    const reply = await runScript(redis, releaseLock, { lock: key }, { token });
    return reply.type === 'released';
  };
  return {
    name: 'redis',
    isExclusive: true,
    release,
    async tryAcquire(key, leaseMs) {
      const token = newLockToken();
      const grant = { key, token, expiresAt: leaseEnd(time.now(), leaseMs) };
      try {
        const reply = await runScript(redis, acquireLock, { lock: key }, { token, leaseMs });
        return reply.type === 'granted' ? grant : null;
      } catch (error) {
        // It may have been granted and the reply lost. If this fails too, the lease frees it.
        release(grant).catch(() => false);
        throw error;
      }
    },
    async extend({ key, token }, leaseMs) {
      const expiresAt = leaseEnd(time.now(), leaseMs);
      const reply = await runScript(redis, extendLock, { lock: key }, { token, leaseMs });
      return reply.type === 'extended' ? { key, token, expiresAt } : null;
    },
  };
}
