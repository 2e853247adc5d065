/*
 * Ownership: the leases of this process on one driver, and everybody who waits for one.
 * Interface: LockProvider. Waiting, retries, renewal, bounds, re-entrancy and metrics are here, once for all drivers.
 * Invariants: acquire ends within timeToTry + requestTimeout whatever the store does; a grant that arrives after its
 * acquisition has ended is freed; of an exclusive driver each key has at most one acquisition at the store.
 */
import { randomUUID } from 'node:crypto';
import { DeadlineError, withDeadline } from '@joinery/kit';
import { KeyTurns } from './key-turns.ts';
import { Lease, type LeaseContext } from './lease.ts';
import { type Grant, type LockDriver } from './lock-driver.ts';
import { currentLockOwner } from './lock-owner.ts';
import { type AcquireOptions, type Lock, type LockProvider } from './lock-provider.ts';
import { type LockTime, monotonicTime, openWait, type WaitBounds } from './lock-time.ts';
import {
  defaultLockTunables,
  type LockObserver,
  type LockTunables,
  type LockUse,
  silentLockObserver,
} from './lock-tunables.ts';

/** What every provider can be given. */
export interface LockProviderOptions {
  /** Read at each acquisition. Default: `defaultLockTunables`. */
  readonly tunables?: (use: LockUse) => LockTunables;
  readonly observer?: LockObserver;
  /**
   * The longest that one answer of the store is waited for, ms. Default 500: ten times a slow answer. Smaller makes
   * misses of hiccups, larger keeps callers waiting for a store that hangs.
   */
  readonly requestTimeoutMs?: number;
  readonly time?: LockTime;
}

/** A shorter lease would end before its first renewal, which comes after 10 ms at the earliest. */
const minLeaseMs = 30;

interface Request {
  readonly key: string;
  readonly owner: string;
  readonly use: LockUse;
  readonly leaseMs: number;
  readonly retryDelayMs: number;
  readonly deadline: number;
  readonly canceller: AbortController;
}

/** Makes a provider of any driver. */
export function createLeasedLockProvider(
  driver: LockDriver,
  options: LockProviderOptions = {},
): LockProvider {
  return new LeasedLockProvider(driver, options);
}

class LeasedLockProvider implements LockProvider {
  readonly #context: LeaseContext;
  readonly #tunables: (use: LockUse) => LockTunables;
  readonly #turns = new KeyTurns();
  /** By key and owner, for nested acquisitions. */
  readonly #leases = new Map<string, Lease>();
  /** All that are held: of a driver that is not exclusive an owner may have several of one key. */
  readonly #held = new Set<Lease>();
  readonly #requests = new Set<Request>();
  #isClosed = false;

  constructor(driver: LockDriver, options: LockProviderOptions) {
    const { observer = silentLockObserver, requestTimeoutMs = 500, time = monotonicTime } = options;
    this.#context = { driver, time, observer, requestTimeoutMs };
    this.#tunables = options.tunables ?? (() => defaultLockTunables);
  }

  get driver(): LockDriver['name'] {
    return this.#context.driver.name;
  }

  async acquire(key: string, options: AcquireOptions = {}): Promise<Lock | null> {
    const request = this.#request(key, options);
    const { signal } = options;
    if (this.#isClosed || signal?.aborted) return null;
    const nested = this.#leaseOf(request);
    if (nested) return nested.enter();
    const cancel = (): void => request.canceller.abort();
    signal?.addEventListener('abort', cancel);
    this.#requests.add(request);
    try {
      return await this.#observed(request);
    } finally {
      this.#requests.delete(request);
      signal?.removeEventListener('abort', cancel);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const request of this.#requests) request.canceller.abort();
    await Promise.all([...this.#held].map((lease) => lease.end()));
  }

  #request(key: string, options: AcquireOptions): Request {
    const { use = 'decide', owner = currentLockOwner() ?? randomUUID() } = options;
    const tunables = this.#tunables(use);
    const { timeToTryMs = tunables.timeToTryMs, leaseMs = tunables.leaseMs } = options;
    if (!Number.isSafeInteger(leaseMs) || leaseMs < minLeaseMs) {
      throw new RangeError(
        `The lease of lock ${key} must be whole ms from ${minLeaseMs}, not ${leaseMs}`,
      );
    }
    if (!(timeToTryMs >= 0)) {
      throw new RangeError(`timeToTry of lock ${key} must be ms from 0, not ${timeToTryMs}`);
    }
    const deadline = this.#context.time.now() + timeToTryMs;
    const canceller = new AbortController();
    return { key, owner, use, leaseMs, retryDelayMs: tunables.retryDelayMs, deadline, canceller };
  }

  async #observed(request: Request): Promise<Lock | null> {
    const { time, observer } = this.#context;
    const startedAt = time.now();
    const lock = await this.#wait(request);
    observer.waited(time.now() - startedAt, request.use);
    if (lock === null && !request.canceller.signal.aborted) observer.missed(request.use);
    return lock;
  }

  async #wait(request: Request): Promise<Lock | null> {
    if (!this.#context.driver.isExclusive) return this.#poll(request);
    for (;;) {
      const turn = await this.#turns.take(request.key, request.owner, this.#bounds(request));
      if (turn === 'none') return null;
      if (turn === 'mine') return this.#poll(request);
      const shared = this.#leaseOf(request);
      if (shared) return shared.enter();
    }
  }

  /** Asks the driver until the deadline, the last time at the deadline itself. */
  async #poll(request: Request): Promise<Lock | null> {
    for (;;) {
      const grant = await this.#attempt(request);
      if (grant !== null) return this.#granted(request, grant);
      const bounds = this.#bounds(request);
      if (bounds.ms <= 0 || bounds.signal.aborted) {
        this.#turns.pass(request.key);
        return null;
      }
      // Spread, so that processes that met once do not meet again at each retry.
      const delayMs = request.retryDelayMs * (0.5 + Math.random());
      await openWait({ ...bounds, ms: Math.min(bounds.ms, Math.max(1, delayMs)) }, null).promise;
    }
  }

  async #attempt({ key, leaseMs, deadline, canceller }: Request): Promise<Grant | null> {
    if (canceller.signal.aborted) return null;
    const { driver, time, observer, requestTimeoutMs } = this.#context;
    const asked = (async () => driver.tryAcquire(key, leaseMs))();
    const limitMs = Math.max(0, deadline - time.now()) + requestTimeoutMs;
    const bounds = { what: `lock ${key}`, limitMs, signal: canceller.signal, timers: time };
    try {
      const grant = await withDeadline(() => asked, bounds);
      // An answer that took longer than the lease brings a lock that others may have.
      if (grant === null || grant.expiresAt > time.now()) return grant;
      void this.#undo(asked);
      return null;
    } catch (error) {
      if (error instanceof DeadlineError || canceller.signal.aborted) void this.#undo(asked);
      if (!canceller.signal.aborted) observer.failed(error);
      return null;
    }
  }

  /** Frees what an attempt brings that nobody waits for any more. */
  async #undo(asked: Promise<Grant | null>): Promise<void> {
    try {
      const grant = await asked;
      if (grant !== null) await this.#context.driver.release(grant);
    } catch (error) {
      this.#context.observer.failed(error);
    }
  }

  #granted(request: Request, grant: Grant): Lock | null {
    const { key, owner, use, leaseMs } = request;
    const id = leaseId(key, owner);
    const onEnd = (): void => {
      this.#held.delete(lease);
      if (this.#leases.get(id) === lease) this.#leases.delete(id);
    };
    const onFreed = (): void => this.#turns.pass(key);
    const lease = new Lease(this.#context, { owner, use, leaseMs, onEnd, onFreed }, grant);
    this.#held.add(lease);
    this.#leases.set(id, lease);
    if (request.canceller.signal.aborted) {
      void lease.end();
      return null;
    }
    const lock = lease.enter();
    this.#turns.share(key, owner);
    return lock;
  }

  #leaseOf({ key, owner }: Request): Lease | undefined {
    const lease = this.#leases.get(leaseId(key, owner));
    return lease?.isEnterable ? lease : undefined;
  }

  #bounds({ deadline, canceller }: Request): WaitBounds {
    const { time } = this.#context;
    return { time, ms: deadline - time.now(), signal: canceller.signal };
  }
}

function leaseId(key: string, owner: string): string {
  return JSON.stringify([key, owner]);
}
