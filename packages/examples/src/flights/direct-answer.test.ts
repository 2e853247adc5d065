import { describe, expect, it } from 'vitest';
import { distanceCorrelation } from './correlation.ts';
import { directAnswer } from './direct-answer.ts';
import { type Flight, readAirports, readFlights } from './flight.ts';
import { formatAnswer } from './format-answer.ts';
import { busiestAirports } from './groups.ts';

const flights = readFlights();
const names = readAirports();

function sum(parts: readonly { readonly flights: number }[]): number {
  return parts.reduce((total, part) => total + part.flights, 0);
}

function delayed(flight: Flight, delay: number): Flight {
  return { ...flight, delay };
}

describe('the data', () => {
  it('is 20,000 flights of three months', () => {
    expect(flights).toHaveLength(20_000);
    expect([...new Set(flights.map(({ month }) => month))]).toEqual([
      '2001-01',
      '2001-02',
      '2001-03',
    ]);
    expect(flights[0]).toEqual({
      month: '2001-01',
      day: '2001-01-01',
      hour: 0,
      delay: 66,
      distance: 1750,
      origin: 'DTW',
    });
  });

  it('names airports, also those whose names hold commas', () => {
    expect(names.get('ORD')).toEqual({ city: 'Chicago', state: 'IL' });
    const states = [...names.values()].map(({ state }) => state);
    expect(states.filter((state) => !/^[A-Z]{2}$/.test(state) && state !== 'NA')).toEqual([]);
  });
});

describe('the direct answer', () => {
  it('has every flight once in each of its divisions', async () => {
    const answer = await directAnswer({ flights, names, airports: 3, resamples: 10 });
    expect(sum(answer.hours)).toBe(20_000);
    expect(sum(answer.distance.bands)).toBe(20_000);
    expect(answer.latePercent).toBe(22.8);
    expect(answer.airports.map(({ airport }) => airport)).toEqual(['DFW', 'ORD', 'ATL']);
    expect(answer.worstDays.map(({ day }) => day)).toEqual([
      '2001-01-02',
      '2001-02-16',
      '2001-03-15',
    ]);
    expect(formatAnswer(answer)).toContain(
      'Where?     Of the busiest airports, Dallas-Fort Worth runs late most.',
    );
  });

  it('looks closer at distance only when the bands differ', async () => {
    const alike = flights.map((flight) => delayed(flight, 20));
    const { distance } = await directAnswer({ flights: alike, names, airports: 1, resamples: 10 });
    expect(distance).toMatchObject({ differs: false, correlation: null });
  });
});

it('of equally busy airports the first in the alphabet goes first', () => {
  const [one] = flights;
  const some = ['B', 'A', 'C', 'C'].flatMap((origin) => (one ? [{ ...one, origin }] : []));
  expect(busiestAirports(some, 3)).toEqual(['C', 'A', 'B']);
});

it('correlation is 1 when delays grow with the distance, -1 when they shrink, 0 when nothing varies', () => {
  const some = flights.slice(0, 50);
  const grow = some.map((flight) => delayed(flight, 2 * flight.distance + 1));
  const shrink = some.map((flight) => delayed(flight, -flight.distance));
  const same = some.map((flight) => delayed(flight, 7));
  expect([grow, shrink, same].map(distanceCorrelation)).toEqual([1, -1, 0]);
});
