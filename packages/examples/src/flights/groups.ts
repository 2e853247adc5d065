import { type Band, type WorstDay } from './answer.ts';
import { type Flight } from './flight.ts';
import { shareOf } from './tally.ts';

/** Flights by what they have in common, in order of first appearance. */
export function groupFlights(
  flights: readonly Flight[],
  keyOf: (flight: Flight) => string,
): ReadonlyMap<string, readonly Flight[]> {
  const groups = new Map<string, Flight[]>();
  for (const flight of flights) {
    const key = keyOf(flight);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [flight]);
    else group.push(flight);
  }
  return groups;
}

/** The airports with most flights, busiest first; of equally busy ones the first in the alphabet. */
export function busiestAirports(flights: readonly Flight[], count: number): readonly string[] {
  return [...groupFlights(flights, ({ origin }) => origin)]
    .toSorted(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([airport]) => airport);
}

/** The day with the largest share of late flights; the first of several. */
export function worstDayOf(flights: readonly Flight[]): WorstDay | undefined {
  const days = [...groupFlights(flights, ({ day }) => day)].map(([day, group]) =>
    dayOf(day, group),
  );
  return days.toSorted((one, other) => other.latePercent - one.latePercent)[0];
}

function dayOf(day: string, flights: readonly Flight[]): WorstDay {
  return { day, ...shareOf(flights) };
}

/** Lengths of flights in miles, `from` on and below `to`. */
export const DISTANCE_BANDS = [
  { band: 'short', from: 0, to: 500 },
  { band: 'medium', from: 500, to: 1_000 },
  { band: 'long', from: 1_000, to: 10_000 },
] as const;

/** Bands that are further apart than this, in per cent points, are worth a closer look. */
const NOTABLE_DIFFERENCE = 3;

/** True when the bands are not all about equally late. */
export function bandsDiffer(bands: readonly Band[]): boolean {
  const shares = bands.map((band) => band.latePercent);
  return Math.max(...shares) - Math.min(...shares) >= NOTABLE_DIFFERENCE;
}

/** Length of a part of the day, in hours. */
export const HOURS_PER_PART = 3;
