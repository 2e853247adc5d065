import { leaseEnd, type LockDriver, newLockToken } from './lock-driver.ts';
import { type LockTime, monotonicTime } from './lock-time.ts';

/** No lock: everybody is granted at once. Correct, as the guards carry safety; decisions are made twice and refused. */
export function createNoopLockDriver(time: LockTime = monotonicTime): LockDriver {
  return {
    name: 'noop',
    isExclusive: false,
    async tryAcquire(key, leaseMs) {
      return { key, token: newLockToken(), expiresAt: leaseEnd(time.now(), leaseMs) };
    },
    async extend(grant, leaseMs) {
      return { ...grant, expiresAt: leaseEnd(time.now(), leaseMs) };
    },
    async release() {
      return true;
    },
  };
}
