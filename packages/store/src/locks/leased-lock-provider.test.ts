import { EventEmitter, once } from 'node:events';
import { createManualTime } from '@joinery/kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LockLog } from '../../test/lock-log.ts';
import { createLeasedLockProvider } from './leased-lock-provider.ts';
import { createLocalLockDriver } from './local-lock.ts';
import { type Grant, type LockDriver } from './lock-driver.ts';
import { type LockTime } from './lock-time.ts';

/** A local lock whose calls can be held up, refused and counted. */
function difficultDriver(time: LockTime) {
  const local = createLocalLockDriver(time);
  const calls = { tryAcquire: 0, extend: 0, release: 0 };
  const faults = new Map<keyof typeof calls, () => Promise<unknown>>();
  const strike = async (call: keyof typeof calls): Promise<void> => {
    calls[call] += 1;
    await faults.get(call)?.();
  };
  const driver: LockDriver = {
    ...local,
    async tryAcquire(key, leaseMs) {
      await strike('tryAcquire');
      return local.tryAcquire(key, leaseMs);
    },
    async extend(grant, leaseMs) {
      const extended = await local.extend(grant, leaseMs);
      await strike('extend');
      return extended;
    },
    async release(grant) {
      await strike('release');
      return local.release(grant);
    },
  };
  return { driver, local, calls, faults };
}

function setUp() {
  const time = createManualTime(1_000);
  const observer = new LockLog();
  const difficult = difficultDriver(time);
  const provider = createLeasedLockProvider(difficult.driver, {
    time,
    observer,
    requestTimeoutMs: 500,
  });
  return { time, observer, provider, ...difficult };
}

/** A call that hangs until `open`. */
function gate() {
  const opening = new EventEmitter();
  const opened = once(opening, 'open');
  return { open: () => opening.emit('open'), hang: () => opened };
}

/** What a promise has come to by now. */
function watch<T>(promise: Promise<T>): { value: T | 'pending' } {
  const state: { value: T | 'pending' } = { value: 'pending' };
  void promise.then((value) => {
    state.value = value;
    return value;
  });
  return state;
}

const refuse = async (): Promise<never> => {
  throw new Error('the store refuses');
};

describe('waiting', () => {
  it('ends at timeToTry plus one bounded answer when the store hangs, and frees what comes later', async () => {
    const { time, provider, faults, local, observer } = setUp();
    const { open, hang } = gate();
    faults.set('tryAcquire', hang);
    const lock = watch(provider.acquire('k', { timeToTryMs: 200 }));
    await time.advance(699);
    expect(lock.value).toBe('pending');
    await time.advance(1);
    expect(lock.value).toBeNull();
    expect(observer.failures).toHaveLength(1);
    open();
    await time.advance(0);
    expect(await local.tryAcquire('k', 1_000)).not.toBeNull();
    expect(time.pendingCount()).toBe(0);
  });

  it('goes on while the store refuses, reports it, and lets the next one try', async () => {
    const { time, provider, faults, observer } = setUp();
    faults.set('tryAcquire', refuse);
    const lock = watch(provider.acquire('k', { timeToTryMs: 200 }));
    await time.advance(200);
    expect(lock.value).toBeNull();
    expect(observer.failures.length).toBeGreaterThan(1);
    expect(observer.entries).toEqual(['waited decide', 'missed decide']);
    faults.clear();
    expect(await provider.acquire('k')).not.toBeNull();
    await provider.close();
  });

  it('does not bring a lock whose lease ended on its way', async () => {
    const { time, provider, driver, calls } = setUp();
    const original = driver.tryAcquire.bind(driver);
    const { open, hang } = gate();
    driver.tryAcquire = async (key, leaseMs): Promise<Grant | null> => {
      const grant = await original(key, leaseMs);
      await hang();
      return grant;
    };
    const lock = watch(provider.acquire('k', { timeToTryMs: 0, leaseMs: 100 }));
    await time.advance(200);
    open();
    await time.advance(0);
    expect(lock.value).toBeNull();
    expect(calls.release).toBe(1);
  });

  it('of 500 in a process asks the store no more than one of them would', async () => {
    const { time, provider, calls } = setUp();
    await provider.acquire('k');
    const waits = Array.from({ length: 500 }, () => watch(provider.acquire('k')));
    await time.advance(500);
    expect(waits.filter(({ value }) => value === null)).toHaveLength(500);
    expect(calls.tryAcquire).toBe(1);
    await provider.close();
  });

  it('passes the turn over those who gave up in the same moment', async () => {
    const { time, provider } = setUp();
    const first = await provider.acquire('k');
    const quitter = watch(provider.acquire('k', { timeToTryMs: 100 }));
    const stayer = watch(provider.acquire('k', { timeToTryMs: 1_000 }));
    // Set after the quitter's timer, so it goes off in the same advance, before promises settle.
    time.after(100, () => void first?.release());
    await time.advance(100);
    expect(quitter.value).toBeNull();
    expect(stayer.value).toMatchObject({ key: 'k' });
    await provider.close();
    expect(time.pendingCount()).toBe(0);
  });

  it('holds up nobody who waits for another key', async () => {
    const { provider } = setUp();
    await provider.acquire('k');
    expect(await provider.acquire('other', { timeToTryMs: 0 })).not.toBeNull();
    await provider.close();
  });
});

describe('a lease', () => {
  it('survives renewals that fail, as long as one succeeds before its end', async () => {
    const { time, provider, faults, calls } = setUp();
    const lock = await provider.acquire('k', { leaseMs: 1_000 });
    faults.set('extend', refuse);
    await time.advance(800);
    expect(calls.extend).toBeGreaterThan(1);
    faults.clear();
    await time.advance(5_000);
    expect(lock?.signal.aborted).toBe(false);
    await provider.close();
  });

  it('whose renewals all hang is lost when it has run out, not later', async () => {
    const { time, provider, faults, observer } = setUp();
    const lock = await provider.acquire('k', { leaseMs: 10_000 });
    faults.set('extend', gate().hang);
    await time.advance(9_890);
    expect(lock?.signal.aborted).toBe(false);
    await time.advance(8);
    expect(lock?.signal.aborted).toBe(true);
    expect(observer.entries).toEqual(['waited decide', 'held decide', 'lost decide']);
  });

  it('released while it is being renewed leaves no timer and is not taken up again', async () => {
    const { time, provider, faults, calls } = setUp();
    const lock = await provider.acquire('k', { leaseMs: 1_000 });
    const { open, hang } = gate();
    faults.set('extend', hang);
    await time.advance(600);
    expect(await lock?.release()).toBe(true);
    open();
    await time.advance(10_000);
    expect(time.pendingCount()).toBe(0);
    expect(calls.extend).toBe(1);
  });

  it('is given back in bounded time when the store hangs', async () => {
    const { time, provider, faults } = setUp();
    const lock = await provider.acquire('k');
    faults.set('release', gate().hang);
    const released = watch(lock?.release() ?? Promise.resolve(true));
    await time.advance(500);
    expect(released.value).toBe(false);
  });

  it('however short, is not renewed more often than every 10 ms, also when renewing fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 30, max: 400 }),
        fc.boolean(),
        async (leaseMs, isRefused) => {
          const { time, provider, calls, faults } = setUp();
          if (isRefused) faults.set('extend', refuse);
          await provider.acquire('k', { leaseMs });
          await time.advance(leaseMs);
          expect(calls.extend).toBeLessThanOrEqual(leaseMs / 10);
          await provider.close();
          expect(time.pendingCount()).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('of any length that is taken away is lost within that length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 30, max: 100_000 }), async (leaseMs) => {
        const { time, provider, local } = setUp();
        const lock = await provider.acquire('k', { leaseMs });
        await local.release({ key: 'k', token: lock?.token ?? '', expiresAt: 0 });
        await time.advance(leaseMs);
        expect(lock?.signal.aborted).toBe(true);
        expect(time.pendingCount()).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('ends with its routine, and the error that the routine threw is the one that is seen', async () => {
    const { provider, faults } = setUp();
    faults.set('release', refuse);
    const routine = async (): Promise<void> => {
      await using lock = await provider.acquire('k');
      throw new Error(`the routine failed under ${lock?.key}`);
    };
    await expect(routine()).rejects.toThrow('the routine failed under k');
  });
});
