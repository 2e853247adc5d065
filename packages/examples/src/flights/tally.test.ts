import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Flight } from './flight.ts';
import { addTallies, latePercent, shareOf, tallyOf } from './tally.ts';

const flightsOf = (...delays: readonly number[]): readonly Flight[] =>
  delays.map((delay) => ({
    month: '2001-01',
    day: '2001-01-01',
    hour: 8,
    delay,
    distance: 300,
    origin: 'ATL',
  }));

describe('a tally', () => {
  it('counts as late what is a quarter of an hour behind or more', () => {
    expect(tallyOf(flightsOf(-3, 0, 14, 15, 90))).toEqual({ flights: 5, late: 2 });
  });

  it('of parts adds up to that of the whole, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -60, max: 300 })), fc.nat(), (delays, cut) => {
        const at = delays.length === 0 ? 0 : cut % delays.length;
        const parts = [delays.slice(0, at), delays.slice(at)];
        const sum = addTallies(parts.map((part) => tallyOf(flightsOf(...part))));
        expect(sum).toEqual(tallyOf(flightsOf(...delays)));
      }),
    );
  });

  it('of no flights is 0 % late', () => {
    expect(latePercent({ flights: 0, late: 0 })).toBe(0);
    expect(addTallies([])).toEqual({ flights: 0, late: 0 });
  });

  it('has its share with one decimal', () => {
    expect(shareOf(flightsOf(20, 0, 0))).toEqual({ flights: 3, late: 1, latePercent: 33.3 });
  });
});
