import { type LockUse } from './lock-tunables.ts';

/** What may stand behind a provider. */
export type LockDriverName = 'redlock' | 'redis' | 'local' | 'noop';

/** How one acquisition differs from the provider's tunables. */
export interface AcquireOptions {
  /** Whose tunables and metrics apply. Default `decide`. */
  readonly use?: LockUse;
  /** How long a held lock is waited for, ms; 0 asks once. Default: the tunable. */
  readonly timeToTryMs?: number;
  /** How long the lock outlives a holder that has stopped renewing it, whole ms from 30. Default: the tunable. */
  readonly leaseMs?: number;
  /** Who asks: the same owner gets a lock that it holds again at once. Default: the scope's owner, else nobody. */
  readonly owner?: string;
  /** Ends the waiting early. It has no power over a lock once granted. */
  readonly signal?: AbortSignal;
}

/**
 * One grant. Renewed by itself until it is released. A holder may be wrong about holding it (paused process, moved
 * clock): the lock saves work, what the commit script checks keeps it right. Disposal releases.
 */
export interface Lock extends AsyncDisposable {
  readonly key: string;
  /** The value under the key in Redis: 32 hex digits, as the Redlock library writes them. */
  readonly token: string;
  readonly owner: string;
  /** End of the lease if it is not renewed again, ms since epoch, on a clock that never steps back. */
  readonly expiresAt: number;
  /** Fires when the lease is lost, at the latest when it has run out. A release does not fire it. */
  readonly signal: AbortSignal;
  /** Renews the lease now. False: not renewed, perhaps lost. Never throws. */
  extend(leaseMs?: number): Promise<boolean>;
  /** Gives this hold back; the last hold frees the lock. False: lost, or given back before. Never throws. */
  release(): Promise<boolean>;
}

/** Locks that save wasted work. */
export interface LockProvider {
  readonly driver: LockDriverName;
  /**
   * Waits for the lock. Null: somebody else holds it, the store does not answer, the signal fired, or the provider is
   * closed. Never takes longer than timeToTry and one bounded round trip, and throws only for invalid options.
   */
  acquire(key: string, options?: AcquireOptions): Promise<Lock | null>;
  /** Ends all waiting, frees what is held, leaves no timer. The Redis clients stay open: they are not ours. */
  close(): Promise<void>;
}
