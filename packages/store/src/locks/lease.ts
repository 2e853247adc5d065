/*
 * Ownership: one lease owns one grant, its two timers and its signal; several holds (re-entrant acquisitions) share it.
 * Interface: enter (a new hold), extend; the rest happens through the holds and the timers.
 * Invariants: held → released | lost, once. Timers exist only while held. Renewal belongs to the outermost hold: when
 * that is given back while an inner one is open, the lock stays until the inner hold or the lease ends, so neither a
 * leaked nor a doubled release frees what somebody still uses, and nothing is renewed for ever.
 */
import { type CancelTimer, withDeadline } from '@joinery/kit';
import { type Grant, type LockDriver } from './lock-driver.ts';
import { type Lock } from './lock-provider.ts';
import { type LockTime } from './lock-time.ts';
import { type LockObserver, type LockUse } from './lock-tunables.ts';

/** Renewing at half of the lease leaves the other half for retries. */
const renewAtFraction = 0.5;
/** A failed renewal is tried again after a tenth of the lease, so about five times before the lease ends. */
const retryFraction = 0.1;
/** No renewal follows another sooner, ms: a very short lease runs out rather than keeping Redis busy. */
const minRenewDelayMs = 10;
/** Retries of a long lease need not wait for a tenth of it, ms. */
const maxRetryDelayMs = 1_000;

/** What a lease needs from its provider. */
export interface LeaseContext {
  readonly driver: LockDriver;
  readonly time: LockTime;
  readonly observer: LockObserver;
  /** No call to the driver is waited for longer. */
  readonly requestTimeoutMs: number;
}

/** Whose lease it is. */
export interface LeaseHolder {
  readonly owner: string;
  readonly use: LockUse;
  readonly leaseMs: number;
  /** Called once, as soon as the lease is no longer held and before it is freed. */
  readonly onEnd: () => void;
  /** Called once, when the store has been asked to free it and has answered, or has had its time. */
  readonly onFreed: () => void;
}

export class Lease {
  readonly #context: LeaseContext;
  readonly #holder: LeaseHolder;
  readonly #controller = new AbortController();
  readonly #grantedAt: number;
  #grant: Grant;
  #leaseMs: number;
  #state: 'held' | 'released' | 'lost' = 'held';
  #holdCount = 0;
  #isOutermostOpen = true;
  #cancelExpiry: CancelTimer = ignore;
  #cancelRenewal: CancelTimer = ignore;
  /** Extensions run one after the other: two at once would leave unclear which lease is in force. */
  #extending: Promise<unknown> = Promise.resolve();

  constructor(context: LeaseContext, holder: LeaseHolder, grant: Grant) {
    this.#context = context;
    this.#holder = holder;
    this.#grant = grant;
    this.#leaseMs = holder.leaseMs;
    this.#grantedAt = context.time.now();
    this.#arm();
  }

  get owner(): string {
    return this.#holder.owner;
  }

  get expiresAt(): number {
    return this.#grant.expiresAt;
  }

  /** False: another acquisition of the owner has to wait like everybody else. */
  get isEnterable(): boolean {
    return this.#state === 'held' && this.#isOutermostOpen;
  }

  enter(): Lock {
    this.#holdCount += 1;
    const isOutermost = this.#holdCount === 1;
    const currentExpiry = (): number => this.#grant.expiresAt;
    let isOpen = true;
    const release = async (): Promise<boolean> => {
      if (!isOpen) return false;
      isOpen = false;
      return this.#leave(isOutermost);
    };
    return {
      key: this.#grant.key,
      token: this.#grant.token,
      owner: this.#holder.owner,
      signal: this.#controller.signal,
      get expiresAt(): number {
        return currentExpiry();
      },
      extend: async (leaseMs) => isOpen && this.extend(leaseMs ?? this.#leaseMs),
      release,
      [Symbol.asyncDispose]: async () => void (await release()),
    };
  }

  async extend(leaseMs: number): Promise<boolean> {
    const previous = this.#extending;
    const turn = previous.then(() => this.#extendOnce(leaseMs));
    this.#extending = turn;
    return turn;
  }

  /** Frees the lock whatever holds are open. */
  async end(): Promise<boolean> {
    if (!this.#leaveState('released')) return false;
    return this.#free();
  }

  async #leave(isOutermost: boolean): Promise<boolean> {
    this.#holdCount -= 1;
    if (this.#holdCount === 0) return this.end();
    if (isOutermost) {
      this.#isOutermostOpen = false;
      this.#cancelRenewal();
    }
    return this.#state === 'held';
  }

  async #extendOnce(leaseMs: number): Promise<boolean> {
    if (this.#state !== 'held') return false;
    const { driver, observer } = this.#context;
    try {
      const grant = await this.#bounded('extend', driver.extend(this.#grant, leaseMs));
      // Released or run out in the meantime: a late answer arms no timer.
      if (this.#state !== 'held') return false;
      if (grant === null) return this.#lose('held by somebody else, or by nobody');
      this.#grant = grant;
      this.#leaseMs = leaseMs;
      this.#arm();
      return true;
    } catch (error) {
      observer.failed(error);
      return false;
    }
  }

  #arm(): void {
    const { time } = this.#context;
    this.#cancelTimers();
    const leftMs = this.#grant.expiresAt - time.now();
    this.#cancelExpiry = time.after(leftMs, () => void this.#lose('ran out'));
    this.#renewAfter(leftMs * renewAtFraction);
  }

  #renewAfter(delayMs: number): void {
    if (!this.#isOutermostOpen) return;
    this.#cancelRenewal = this.#context.time.after(
      Math.max(minRenewDelayMs, delayMs),
      () => void this.#renew(),
    );
  }

  async #renew(): Promise<void> {
    const isExtended = await this.extend(this.#leaseMs);
    if (isExtended || this.#state !== 'held') return;
    this.#renewAfter(Math.min(maxRetryDelayMs, this.#leaseMs * retryFraction));
  }

  #lose(how: string): false {
    if (!this.#leaveState('lost')) return false;
    this.#context.observer.lost(this.#holder.use);
    this.#controller.abort(new Error(`The lease of lock ${this.#grant.key} is lost: ${how}`));
    // Some nodes may still keep it.
    void this.#free();
    return false;
  }

  #leaveState(state: 'released' | 'lost'): boolean {
    if (this.#state !== 'held') return false;
    this.#state = state;
    this.#cancelTimers();
    const { observer, time } = this.#context;
    observer.held(time.now() - this.#grantedAt, this.#holder.use);
    this.#holder.onEnd();
    return true;
  }

  async #free(): Promise<boolean> {
    const { driver, observer } = this.#context;
    try {
      return await this.#bounded('release', driver.release(this.#grant));
    } catch (error) {
      // Not known to be freed: then the lease frees it.
      observer.failed(error);
      return false;
    } finally {
      this.#holder.onFreed();
    }
  }

  async #bounded<T>(what: string, call: Promise<T>): Promise<T> {
    const { requestTimeoutMs: limitMs, time: timers } = this.#context;
    return withDeadline(() => call, { what: `lock ${what}`, limitMs, timers });
  }

  #cancelTimers(): void {
    this.#cancelExpiry();
    this.#cancelRenewal();
  }
}

function ignore(): void {
  // No timer yet.
}
