import { createManualTime } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import { createSlots } from './slots.ts';

describe('slots', () => {
  it('are given up to the limit, and then in the order of asking', async () => {
    const slots = createSlots(1, createManualTime());
    expect(await slots.take(10)).toBe(true);
    const served: string[] = [];
    const second = slots.take(10).then(() => served.push('second'));
    const third = slots.take(10).then(() => served.push('third'));
    slots.free();
    await second;
    slots.free();
    await third;
    expect(served).toEqual(['second', 'third']);
  });

  it('are not waited for longer than asked, and no timer is left behind', async () => {
    const time = createManualTime();
    const slots = createSlots(1, time);
    await slots.take(0);
    const late = slots.take(10);
    await time.advance(10);
    expect(await late).toBe(false);
    const served = slots.take(10);
    slots.free();
    expect([await served, time.pendingCount()]).toEqual([true, 0]);
  });

  it('that nobody waits for any more are free again', async () => {
    const time = createManualTime();
    const slots = createSlots(1, time);
    await slots.take(0);
    const gaveUp = slots.take(5);
    await time.advance(5);
    await gaveUp;
    slots.free();
    expect(await slots.take(0)).toBe(true);
  });
});
