import { describe, expect, it } from 'vitest';
import { DeadlineError, inTime, settlesWithin, withDeadline } from './deadline.ts';
import { createManualTime } from './manual-time.ts';

const never = new Promise<never>(() => undefined);

describe('inTime', () => {
  it('answers what the promise answers, and leaves no timer behind', async () => {
    const timers = createManualTime();
    const bound = { what: 'work', limitMs: 50, timers };
    expect(await inTime(Promise.resolve('done'), bound)).toBe('done');
    const failure = new Error('no');
    await expect(inTime(Promise.reject(failure), bound)).rejects.toBe(failure);
    expect(timers.pendingCount()).toBe(0);
  });

  it('rejects at the deadline', async () => {
    const timers = createManualTime();
    const outcome = inTime(never, { what: 'GET', limitMs: 50, timers }).catch(
      (error: unknown) => error,
    );
    await timers.advance(50);
    expect(await outcome).toEqual(new DeadlineError('GET', 50));
  });
});

describe('withDeadline', () => {
  it('answers what the work answers, and leaves no timer behind', async () => {
    const timers = createManualTime();
    const answer = await withDeadline(async () => 'done', { what: 'work', limitMs: 50, timers });
    expect(answer).toBe('done');
    expect(timers.pendingCount()).toBe(0);
  });

  it('rejects at the deadline even if the work ignores its signal', async () => {
    const timers = createManualTime();
    let seen: AbortSignal | undefined;
    const outcome = withDeadline(
      (signal) => {
        seen = signal;
        return never;
      },
      { what: 'closing the queue', limitMs: 50, timers },
    ).catch((error: unknown) => error);
    await timers.advance(49);
    expect(seen?.aborted).toBe(false);
    await timers.advance(1);
    expect(await outcome).toEqual(new DeadlineError('closing the queue', 50));
    expect(seen?.aborted).toBe(true);
  });

  it('passes on the failure of the work', async () => {
    const failure = new Error('no');
    const work = withDeadline(() => Promise.reject(failure), { what: 'work', limitMs: 50 });
    await expect(work).rejects.toBe(failure);
  });

  it("ends with the caller's reason when the caller gives up", async () => {
    const timers = createManualTime();
    const caller = new AbortController();
    const work = withDeadline(() => never, {
      what: 'work',
      limitMs: 50,
      signal: caller.signal,
      timers,
    });
    const reason = new Error('the caller has left');
    caller.abort(reason);
    await expect(work).rejects.toBe(reason);
    expect(timers.pendingCount()).toBe(0);
  });

  it('does not begin for a caller who has already given up', async () => {
    let hasBegun = false;
    const work = withDeadline(
      async () => {
        hasBegun = true;
      },
      { what: 'work', limitMs: 50, signal: AbortSignal.abort(new Error('left')) },
    );
    await expect(work).rejects.toThrow('left');
    expect(hasBegun).toBe(false);
  });
});

describe('settlesWithin', () => {
  it('tells settled, failed and hanging promises apart', async () => {
    const timers = createManualTime();
    expect(await settlesWithin(Promise.resolve(1), 10, timers)).toBe(true);
    expect(await settlesWithin(Promise.reject(new Error('no')), 10, timers)).toBe(true);
    const hanging = settlesWithin(never, 10, timers);
    await timers.advance(10);
    expect(await hanging).toBe(false);
    expect(timers.pendingCount()).toBe(0);
  });
});
