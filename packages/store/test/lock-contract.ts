import { eventually } from '@joinery/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LockProviderOptions } from '../src/locks/leased-lock-provider.ts';
import { withLockOwner } from '../src/locks/lock-owner.ts';
import { type LockProvider } from '../src/locks/lock-provider.ts';
import { LockLog } from './lock-log.ts';

/** One driver under test: several providers (processes) on one store, and a hand in that store. */
export interface LockHarness {
  /** A new provider; providers of one harness lock each other out if the driver does so at all. */
  readonly provider: (options?: LockProviderOptions) => LockProvider;
  /** Takes the lock away behind its holder's back. */
  readonly steal: (key: string, token: string) => Promise<unknown>;
}

const shortLease = { timeToTryMs: 0, leaseMs: 200 };
let keyCount = 0;
let key = '';
let opened: LockProvider[] = [];
beforeEach(() => {
  keyCount += 1;
  key = `{p1}:lock:${keyCount}`;
});
afterEach(async () => {
  await Promise.all(opened.map((provider) => provider.close()));
  opened = [];
});

function open(harness: LockHarness, options?: LockProviderOptions): LockProvider {
  const provider = harness.provider(options);
  opened.push(provider);
  return provider;
}

/** What every driver does, also one that excludes nobody. */
export function lockContract(name: string, harness: LockHarness): void {
  describe(`a ${name} lock`, () => {
    it('is granted with a token of 32 hex digits and a lease in the future', async () => {
      const lock = await open(harness).acquire(key, { leaseMs: 5_000, owner: 'o' });
      expect(lock).toMatchObject({
        key,
        owner: 'o',
        token: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
      expect(lock?.expiresAt).toBeGreaterThan(Date.now() + 3_000);
      expect(lock?.expiresAt).toBeLessThanOrEqual(Date.now() + 5_000);
      expect(lock?.signal.aborted).toBe(false);
    });

    it('is released once, and does not fire its signal then', async () => {
      const lock = await open(harness).acquire(key);
      expect(await lock?.release()).toBe(true);
      expect(await lock?.release()).toBe(false);
      expect(await lock?.extend()).toBe(false);
      expect(lock?.signal.aborted).toBe(false);
    });

    it('is granted to its owner again at once, under the same token', async () => {
      const provider = open(harness);
      const outer = await provider.acquire(key, { owner: 'o' });
      const inner = await provider.acquire(key, { owner: 'o', timeToTryMs: 0 });
      expect(inner?.token).toBe(outer?.token);
    });

    it('takes its owner from the scope', async () => {
      const provider = open(harness);
      const [outer, inner] = await withLockOwner('sweep-7', async () => [
        await provider.acquire(key),
        await provider.acquire(key, { timeToTryMs: 0 }),
      ]);
      expect(outer?.owner).toBe('sweep-7');
      expect(inner?.token).toBe(outer?.token);
    });

    it('is renewed before its lease ends for as long as it is held', async () => {
      const lock = await open(harness).acquire(key, shortLease);
      const firstEnd = lock?.expiresAt ?? Infinity;
      await eventually(() => (lock?.expiresAt ?? 0) > firstEnd + 100);
      expect(lock?.signal.aborted).toBe(false);
      expect(await lock?.release()).toBe(true);
    });

    it('can be extended by hand', async () => {
      const lock = await open(harness).acquire(key, shortLease);
      expect(await lock?.extend(60_000)).toBe(true);
      expect(lock?.expiresAt).toBeGreaterThan(Date.now() + 50_000);
    });

    it('is refused to a caller who has given up already, and by a closed provider', async () => {
      const provider = open(harness);
      expect(await provider.acquire(key, { signal: AbortSignal.abort() })).toBeNull();
      await provider.close();
      expect(await provider.acquire(key)).toBeNull();
    });

    it.each([{ leaseMs: 29 }, { leaseMs: 99.5 }, { timeToTryMs: Number.NaN }, { timeToTryMs: -1 }])(
      'is refused loudly with %j',
      async (options) => {
        await expect(open(harness).acquire(key, options)).rejects.toThrow(RangeError);
      },
    );

    it('reports how long it was waited for and held', async () => {
      const observer = new LockLog();
      const lock = await open(harness, { observer }).acquire(key, { use: 'join' });
      await lock?.release();
      expect(observer.entries).toEqual(['waited join', 'held join']);
    });
  });
}

/** What a driver that locks out other processes does besides. */
export function exclusionContract(name: string, harness: LockHarness): void {
  describe(`a ${name} lock, being exclusive,`, () => {
    it('is granted to one of many, within a process and between processes', async () => {
      const providers = [open(harness), open(harness)];
      const tries = Array.from({ length: 20 }, (_, n) =>
        providers[n % 2]?.acquire(key, { timeToTryMs: 0 }),
      );
      const granted = (await Promise.all(tries)).filter((lock) => lock !== null);
      expect(granted).toHaveLength(1);
    });

    it('goes to everybody in turn, never to two at once', async () => {
      const providers = [open(harness), open(harness)];
      let inside = 0;
      let most = 0;
      const visit = async (n: number): Promise<boolean> => {
        const lock = await providers[n % 2]?.acquire(key, { timeToTryMs: 20_000 });
        inside += 1;
        most = Math.max(most, inside);
        await lock?.extend();
        inside -= 1;
        return (await lock?.release()) ?? false;
      };
      const visits = await Promise.all(Array.from({ length: 10 }, (_, n) => visit(n)));
      expect(visits).toEqual(visits.map(() => true));
      expect(most).toBe(1);
    });

    it('is waited for not shorter than timeToTry and not much longer', async () => {
      const observer = new LockLog();
      await open(harness).acquire(key);
      const startedAt = performance.now();
      const missed = await open(harness, { observer }).acquire(key, { timeToTryMs: 120 });
      expect(missed).toBeNull();
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(119);
      expect(performance.now() - startedAt).toBeLessThan(1_200);
      expect(observer.entries).toEqual(['waited decide', 'missed decide']);
    });

    it('is waited for as long as the tunables say at that moment', async () => {
      let timeToTryMs = 0;
      const tunables = () => ({ timeToTryMs, leaseMs: 5_000, retryDelayMs: 5 });
      const observer = new LockLog();
      await open(harness).acquire(key);
      const provider = open(harness, { tunables, observer });
      await provider.acquire(key);
      timeToTryMs = 300;
      await provider.acquire(key);
      expect(observer.waits[0]).toBeLessThan(290);
      expect(observer.waits[1]).toBeGreaterThanOrEqual(299);
    });

    it('stops being waited for when the signal fires or the provider closes, and that is no miss', async () => {
      await open(harness).acquire(key);
      const observer = new LockLog();
      const provider = open(harness, { observer });
      const controller = new AbortController();
      const cancelled = provider.acquire(key, { timeToTryMs: 60_000, signal: controller.signal });
      const queued = provider.acquire(key, { timeToTryMs: 60_000 });
      controller.abort();
      expect(await cancelled).toBeNull();
      await provider.close();
      expect(await queued).toBeNull();
      expect(observer.entries).toEqual(['waited decide', 'waited decide']);
    });

    it('stays taken until the outermost and every inner hold are given back', async () => {
      const provider = open(harness);
      const other = open(harness);
      const outer = await provider.acquire(key, { owner: 'o' });
      const inner = await provider.acquire(key, { owner: 'o' });
      expect(await inner?.release()).toBe(true);
      expect(await inner?.release()).toBe(false);
      expect(await other.acquire(key, { timeToTryMs: 0 })).toBeNull();
      expect(await outer?.release()).toBe(true);
      expect(await other.acquire(key, { timeToTryMs: 0 })).not.toBeNull();
    });

    it('is not renewed for an inner hold that was leaked, and so is free after a lease', async () => {
      const provider = open(harness);
      const outer = await provider.acquire(key, { ...shortLease, owner: 'o' });
      const inner = await provider.acquire(key, { owner: 'o' });
      await outer?.release();
      expect(await open(harness).acquire(key, { timeToTryMs: 10_000 })).not.toBeNull();
      await eventually(() => inner?.signal.aborted ?? false);
    });

    it('is shared by acquisitions of one owner that wait at the same time', async () => {
      const holder = await open(harness).acquire(key);
      const provider = open(harness);
      const waiting = [1, 2, 3].map(() =>
        provider.acquire(key, { owner: 'o', timeToTryMs: 20_000 }),
      );
      await holder?.release();
      const tokens = (await Promise.all(waiting)).map((lock) => lock?.token);
      expect(new Set(tokens).size).toBe(1);
      expect(tokens).not.toContain(undefined);
    });

    it('fires its signal within the lease when it is taken away, and then answers false', async () => {
      const observer = new LockLog();
      const lock = await open(harness, { observer }).acquire(key, shortLease);
      if (lock === null) throw new Error('the lock was free');
      const lost = new Promise((resolve) => {
        lock.signal.addEventListener('abort', resolve);
      });
      const stolenAt = performance.now();
      await harness.steal(key, lock.token);
      await lost;
      expect(performance.now() - stolenAt).toBeLessThan(2_000);
      expect(await lock.extend()).toBe(false);
      expect(await lock.release()).toBe(false);
      expect(observer.entries).toEqual(['waited decide', 'held decide', 'lost decide']);
    });

    it('once lost is not entered again but asked for anew', async () => {
      const provider = open(harness);
      const lost = await provider.acquire(key, { owner: 'o', leaseMs: 5_000 });
      await harness.steal(key, lost?.token ?? '');
      expect(await lost?.extend()).toBe(false);
      const fresh = await provider.acquire(key, { owner: 'o' });
      expect(fresh?.token).not.toBe(lost?.token);
    });

    it('given back late frees nothing of its successor', async () => {
      const lost = await open(harness).acquire(key, { leaseMs: 5_000 });
      await harness.steal(key, lost?.token ?? '');
      await open(harness).acquire(key);
      expect(await lost?.release()).toBe(false);
      expect(await open(harness).acquire(key, { timeToTryMs: 0 })).toBeNull();
    });

    it('is freed when its provider closes', async () => {
      const provider = open(harness);
      await provider.acquire(key);
      await provider.close();
      expect(await open(harness).acquire(key, { timeToTryMs: 0 })).not.toBeNull();
    });
  });
}
