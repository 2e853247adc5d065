import { z } from 'zod';
import { type Flight } from './flight.ts';

/** Flights counted. Whole numbers, so that parts add up to exactly the whole in whatever order they come. */
export interface Tally {
  readonly flights: number;
  readonly late: number;
}

/** Schema of {@link Tally}. */
export const tallySchema = z.object({ flights: z.int(), late: z.int() });

/** Late as the US Department of Transportation counts it: a quarter of an hour or more after plan. */
const LATE_FROM_MINUTES = 15;

/** True for a flight that counts as late. */
export function isLate({ delay }: Flight): boolean {
  return delay >= LATE_FROM_MINUTES;
}

/** Counts flights, with the share of late ones. */
export function shareOf(flights: readonly Flight[]): Tally & { readonly latePercent: number } {
  const tally = tallyOf(flights);
  return { ...tally, latePercent: latePercent(tally) };
}

/** Counts flights. */
export function tallyOf(flights: readonly Flight[]): Tally {
  return { flights: flights.length, late: flights.filter(isLate).length };
}

/** Adds up tallies. */
export function addTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, each) => ({ flights: sum.flights + each.flights, late: sum.late + each.late }),
    { flights: 0, late: 0 },
  );
}

/** Late flights of all, in per cent with one decimal; 0 without flights. */
export function latePercent({ flights, late }: Tally): number {
  return flights === 0 ? 0 : Math.round((1_000 * late) / flights) / 10;
}
