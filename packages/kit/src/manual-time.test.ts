import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createManualTime } from './manual-time.ts';
import { systemTimers } from './timers.ts';

describe('manual time', () => {
  it('stands still until it is moved', async () => {
    const time = createManualTime(1_000);
    expect(time.now()).toBe(1_000);
    await time.advance(250);
    expect(time.now()).toBe(1_250);
  });

  it('calls what is due in order of due time, then in order of setting', async () => {
    const time = createManualTime();
    const calls: string[] = [];
    const note = (word: string) => () => {
      calls.push(`${word}@${time.now()}`);
    };
    time.after(20, note('late'));
    time.after(10, note('early'));
    time.after(20, note('later'));
    time.after(31, note('never'));
    await time.advance(30);
    expect(calls).toEqual(['early@10', 'late@20', 'later@20']);
    expect(time.pendingCount()).toBe(1);
  });

  it('sees timers set by a function that awaits between them', async () => {
    const time = createManualTime();
    const moments: number[] = [];
    const work = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await new Promise<void>((resolve) => {
          time.after(10, resolve);
        });
        moments.push(time.now());
      }
    };
    void work();
    await time.advance(100);
    expect(moments).toEqual([10, 20, 30]);
  });

  it('forgets a cancelled timer', async () => {
    const time = createManualTime();
    let hasFired = false;
    const cancel = time.after(5, () => {
      hasFired = true;
    });
    cancel();
    await time.advance(10);
    expect(hasFired).toBe(false);
    expect(time.pendingCount()).toBe(0);
  });
});

describe('system time', () => {
  it('tells the time of this machine', () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  });

  it('goes off when not cancelled, and not when cancelled', async () => {
    const fired: string[] = [];
    const cancel = systemTimers.after(1, () => fired.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => {
      systemTimers.after(10, () => {
        fired.push('kept');
        resolve();
      });
    });
    expect(fired).toEqual(['kept']);
  });
});
