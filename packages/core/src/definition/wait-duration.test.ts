import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWaitDuration, parseWaitUntil } from './wait-duration.ts';

describe('a duration', () => {
  it.each([
    ['1 days 2 hours 3 minutes 4 seconds', 93_784_000],
    ['30s', 30_000],
    ['2h 5m', 7_500_000],
    ['2h5m', 7_500_000],
    [' 1 DAY ', 86_400_000],
    ['1 hr 2 mins 3 secs', 3_723_000],
    ['0s', 0],
    ['90 minutes', 5_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseWaitDuration(text)).toBe(ms);
  });

  it.each(['', ' ', 'soon', '5', '5 fortnights', '-1s', '1.5h', '1s 1h', '1m 1m', '1s!', '1 s s'])(
    "'%s' is none",
    (text) => {
      expect(parseWaitDuration(text)).toBeNull();
    },
  );

  it('is bounded', () => {
    expect(parseWaitDuration('999999999999 days')).toBeNull();
    expect(parseWaitDuration('1 '.repeat(1_000_000))).toBeNull();
  });
});

describe('a moment', () => {
  it.each([
    ['2026-11-22', '2026-11-22T00:00Z'],
    ['2026-11-22 05:59', '2026-11-22T05:59Z'],
    ['2026-11-22 05:59 UTC', '2026-11-22T05:59Z'],
    ['2026-11-22 05:59 +02:00', '2026-11-22T03:59Z'],
    ['2026-11-22 05:59 GMT-5', '2026-11-22T10:59Z'],
    ['2024-02-29 00:00', '2024-02-29T00:00Z'],
    ['2000-02-29', '2000-02-29T00:00Z'],
  ])('%s is %s', (text, iso) => {
    // oxlint-disable-next-line no-restricted-globals -- the reference implementation
    expect(parseWaitUntil(text)).toBe(Date.parse(iso));
  });

  it.each([
    ['tomorrow'],
    ['2026-02-29'],
    ['1900-02-29'],
    ['2026-13-01'],
    ['2026-00-10'],
    ['2026-04-31'],
    ['2026-01-01 24:00'],
    ['2026-01-01 00:60'],
    ['2026-01-01 00:00 Europe/Paris'],
    ['2026-01-01 00:00 +19:00'],
    ['2026-01-01 00:00 +'],
  ])("'%s' is none", (text) => {
    expect(parseWaitUntil(text)).toBeNull();
  });

  it('is counted as every calendar counts', () => {
    const day = fc.integer({ min: -60_000, max: 200_000 });
    fc.assert(
      fc.property(day, (days) => {
        // oxlint-disable-next-line no-restricted-globals -- the reference implementation
        const text = new Date(days * 86_400_000).toISOString().slice(0, 10);
        expect(parseWaitUntil(text)).toBe(days * 86_400_000);
      }),
    );
  });
});
