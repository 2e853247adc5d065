import { type Grant, leaseEnd, type LockDriver, newLockToken } from './lock-driver.ts';
import { type LockTime, monotonicTime } from './lock-time.ts';

/** A lock among the acquisitions of this process. Other processes know nothing of it. */
export function createLocalLockDriver(time: LockTime = monotonicTime): LockDriver {
  const held = new Map<string, Grant>();
  const current = (key: string): Grant | undefined => {
    const grant = held.get(key);
    return grant && grant.expiresAt > time.now() ? grant : undefined;
  };
  const grantNow = (key: string, token: string, leaseMs: number): Grant => {
    const grant = { key, token, expiresAt: leaseEnd(time.now(), leaseMs) };
    held.set(key, grant);
    return grant;
  };
  return {
    name: 'local',
    isExclusive: true,
    async tryAcquire(key, leaseMs) {
      return current(key) ? null : grantNow(key, newLockToken(), leaseMs);
    },
    async extend({ key, token }, leaseMs) {
      return current(key)?.token === token ? grantNow(key, token, leaseMs) : null;
    },
    async release({ key, token }) {
      return held.get(key)?.token === token && held.delete(key);
    },
  };
}
