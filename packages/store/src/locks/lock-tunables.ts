/** What a lock is taken for: each use has its own tunables and its own metric label. */
export type LockUse = 'decide' | 'join' | 'sweep' | 'schedule';

/** Read at each acquisition, so that a change is in force with the next one. */
export interface LockTunables {
  readonly timeToTryMs: number;
  readonly leaseMs: number;
  /** Between two tries while somebody else holds the lock; each wait is drawn from 50 % to 150 % of it. */
  readonly retryDelayMs: number;
}

/**
 * 500 ms and 60 s are Conductor's lockTimeToTry and lockLeaseTime. 50 ms between tries: a decision holds the lock for a
 * few ms, so a longer delay mostly waits for nothing, and a shorter one asks Redis more often than once per hold.
 */
export const defaultLockTunables: LockTunables = {
  timeToTryMs: 500,
  leaseMs: 60_000,
  retryDelayMs: 50,
};

/** Where metrics come from. Called synchronously: must not throw and must not wait. */
export interface LockObserver {
  /** An acquisition ended, granted or not. Nested ones of the same owner are not counted. */
  waited(ms: number, use: LockUse): void;
  /** It ended without the lock, though nobody cancelled it. */
  missed(use: LockUse): void;
  /** A granted lock was freed or lost after this time. */
  held(ms: number, use: LockUse): void;
  lost(use: LockUse): void;
  /** The store refused or did not answer. What follows from it is a miss, a retry or a lost lease. */
  failed(error: unknown): void;
}

/** Observes nothing. */
export const silentLockObserver: LockObserver = {
  waited: ignore,
  missed: ignore,
  held: ignore,
  lost: ignore,
  failed: ignore,
};

function ignore(): void {
  // Nobody asked for metrics.
}
