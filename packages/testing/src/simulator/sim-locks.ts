import { type DecideLock, type DecideLocks } from '@joinery/engine';
import { type LockMode } from './scenario.ts';

/** Locks that stand apart from the store: honest ones, one that grants everybody, one that grants nobody. */
export function createSimLocks(mode: Exclude<LockMode, 'fused'>, now: () => number): DecideLocks {
  const held = new Map<string, { readonly lock: DecideLock; readonly endsAt: number }>();
  return {
    acquire: async (key, { leaseMs }) => {
      if (mode === 'never') return null;
      const holder = held.get(key);
      if (mode === 'apart' && holder !== undefined && holder.endsAt > now()) return null;
      const lock: DecideLock = {
        release: async () => {
          const isMine = held.get(key)?.lock === lock;
          if (isMine) held.delete(key);
          return isMine;
        },
      };
      held.set(key, { lock, endsAt: now() + leaseMs });
      return lock;
    },
  };
}
