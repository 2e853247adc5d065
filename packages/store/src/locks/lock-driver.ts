import { randomBytes } from 'node:crypto';
import { type LockDriverName } from './lock-provider.ts';

/** One lease as the driver knows it. */
export interface Grant {
  readonly key: string;
  readonly token: string;
  /** When the lease may have ended at the earliest, on the driver's clock. */
  readonly expiresAt: number;
}

/**
 * The part of a lock that differs: take, extend and free once, without waiting for anybody. Retries, renewal, bounds
 * and re-entrancy are the provider's. A call may hang or throw; then it is not known whether it was done.
 */
export interface LockDriver {
  readonly name: LockDriverName;
  /** False: everybody is granted, so nobody queues. */
  readonly isExclusive: boolean;
  /** Null: held by somebody else. */
  tryAcquire(key: string, leaseMs: number): Promise<Grant | null>;
  /** Null: certainly lost. */
  extend(grant: Grant, leaseMs: number): Promise<Grant | null>;
  /** False: it was not held any more. Also called for grants that are lost or came too late. */
  release(grant: Grant): Promise<boolean>;
}

/** A token as the Redlock library makes them: 128 random bits in hex. */
export function newLockToken(): string {
  return randomBytes(16).toString('hex');
}

/**
 * When a lease that was asked for at `askedAt` may have ended: Redlock's allowance for clock drift (1 %) and for the
 * granularity of Redis' expiry (2 ms) is taken off.
 */
export function leaseEnd(askedAt: number, leaseMs: number): number {
  return Math.floor(askedAt) + leaseMs - Math.round(leaseMs * 0.01) - 2;
}
