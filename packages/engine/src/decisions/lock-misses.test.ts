import { runIdOf } from '@joinery/core';
import { createManualTime } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import { LockMisses } from './lock-misses.ts';

const limits = { overtakeAfterMs: 1_000, leaseMs: 60_000 };
const runId = runIdOf(0, 'runrunrun');

describe('the memory of lock misses', () => {
  it('counts from the first miss in a row', async () => {
    const time = createManualTime(1_000);
    const misses = new LockMisses(time);
    expect(misses.isOverdue(runId, { overtakeAfterMs: 0, leaseMs: 0 })).toBe(false);
    misses.note(runId);
    await time.advance(600);
    misses.note(runId);
    await time.advance(600);
    expect(misses.isOverdue(runId, limits)).toBe(true);
    misses.clear(runId);
    misses.note(runId);
    expect(misses.isOverdue(runId, limits)).toBe(false);
  });

  it('does not wait again for a holder that was overtaken, until its lease has ended', async () => {
    const time = createManualTime(10_000);
    const misses = new LockMisses(time);
    misses.overtook(runId, 1_000);
    expect(misses.isOverdue(runId, limits)).toBe(true);
    await time.advance(59_999);
    expect(misses.isOverdue(runId, limits)).toBe(true);
    await time.advance(1);
    misses.isOverdue(runId, limits);
    expect(misses.isOverdue(runId, limits)).toBe(false);
  });

  it('does not wait for a clock that was set back', () => {
    let now = 10_000;
    const misses = new LockMisses({ now: () => now });
    misses.note(runId);
    now = 0;
    expect(misses.isOverdue(runId, limits)).toBe(true);
  });
});
