import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';

describe('duration', () => {
  it.each([
    ['0ms', 0],
    ['500ms', 500],
    ['60s', 60_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    [' 1s ', 1_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '500', 's', '-1s', '1.5s', '1 s', '1sec', '5M', '1s2', '9999999999999d', '1e3ms'])(
    'refuses %s',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it('writes the largest unit that loses nothing', () => {
    expect([60_000, 90_000, 1_500, 604_800_000].map(formatDuration)).toEqual([
      '1m',
      '90s',
      '1500ms',
      '7d',
    ]);
  });

  it('refuses to write fractions and negatives', () => {
    expect(() => formatDuration(1.5)).toThrow(RangeError);
    expect(() => formatDuration(-1)).toThrow(RangeError);
  });
});
