import { type AirportDelays, type Answer, type Band } from './answer.ts';
import { lateMargin } from './bootstrap.ts';
import { distanceCorrelation } from './correlation.ts';
import { type Airport, type Flight } from './flight.ts';
import {
  bandsDiffer,
  busiestAirports,
  DISTANCE_BANDS,
  groupFlights,
  HOURS_PER_PART,
  worstDayOf,
} from './groups.ts';
import { latePercent, shareOf, tallyOf } from './tally.ts';

/** What the answer is computed from. */
export interface DirectQuestion {
  readonly flights: readonly Flight[];
  readonly names: ReadonlyMap<string, Airport>;
  readonly airports: number;
  readonly resamples: number;
}

/** The answer in one go, without engine, forks or joins: what the workflow's answer must equal. */
export async function directAnswer(question: DirectQuestion): Promise<Answer> {
  const { flights } = question;
  const airports: AirportDelays[] = [];
  for (const airport of busiestAirports(flights, question.airports)) {
    airports.push(await airportDelays(question, airport));
  }
  const byMonth = [...groupFlights(flights, ({ month }) => month)];
  const bands = DISTANCE_BANDS.map(({ band, from, to }) =>
    bandOf(
      band,
      flights.filter(({ distance }) => distance >= from && distance < to),
    ),
  );
  const differs = bandsDiffer(bands);
  return {
    ...shareOf(flights),
    airports: airports.toSorted((one, other) => other.latePercent - one.latePercent),
    hours: hoursOf(flights),
    worstDays: byMonth.flatMap(([, group]) => worstDayOf(group) ?? []),
    distance: { bands, differs, correlation: differs ? distanceCorrelation(flights) : null },
  };
}

async function airportDelays(
  { flights, names, resamples }: DirectQuestion,
  airport: string,
): Promise<AirportDelays> {
  const own = flights.filter(({ origin }) => origin === airport);
  const months: { month: string; latePercent: number; margin: number }[] = [];
  for (const [month, group] of groupFlights(own, (flight) => flight.month)) {
    const margin = await lateMargin(group, { resamples, seed: `${month} ${airport}` });
    months.push({ month, latePercent: latePercent(tallyOf(group)), margin });
  }
  return { airport, city: names.get(airport)?.city ?? airport, ...shareOf(own), months };
}

function hoursOf(flights: readonly Flight[]): Answer['hours'] {
  const starts = Array.from({ length: 24 / HOURS_PER_PART }, (_, part) => part * HOURS_PER_PART);
  return starts.flatMap((from) => {
    const to = from + HOURS_PER_PART;
    const own = flights.filter(({ hour }) => hour >= from && hour < to);
    return own.length === 0 ? [] : [{ from, to, ...shareOf(own) }];
  });
}

function bandOf(band: string, flights: readonly Flight[]): Band {
  return { band, ...shareOf(flights) };
}
