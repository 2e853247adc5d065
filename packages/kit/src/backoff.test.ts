import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffDelayMs } from './backoff.ts';

const backoff = { baseMs: 100, maxMs: 5_000 };

describe('backoff', () => {
  it('doubles from the base and stops at the cap', () => {
    expect([1, 2, 3, 6, 7, 1_000_000].map((count) => backoffDelayMs(backoff, count))).toEqual([
      100, 200, 400, 3_200, 5_000, 5_000,
    ]);
  });

  it('does not wait where nothing has failed', () => {
    expect(backoffDelayMs(backoff, 0)).toBe(0);
  });

  it('stays between half and the whole of the ceiling, whatever the chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ noNaN: true }),
        (count, fraction) => {
          const ceiling = backoffDelayMs(backoff, count, 1);
          const delay = backoffDelayMs(backoff, count, fraction);
          expect(delay).toBeGreaterThanOrEqual(ceiling / 2);
          expect(delay).toBeLessThanOrEqual(ceiling);
        },
      ),
    );
  });
});
