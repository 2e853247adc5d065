/** The tasks that answer where flights ran late: one for each airport and month, and what ranks them. */
import { defineTask, RetryableError } from '@joinery/worker';
import { z } from 'zod';
import { lateMargin } from './bootstrap.ts';
import { readAirports, readFlights } from './flight.ts';
import { busiestAirports, worstDayOf } from './groups.ts';
import { addTallies, latePercent, tallyOf, tallySchema } from './tally.ts';

const airportMonth = z.object({
  month: z.string(),
  airport: z.string(),
  ...tallySchema.shape,
  margin: z.number(),
});

/** Finds the airports that are worth asking about. */
export const surveyFlights = defineTask({
  type: 'survey_flights',
  input: z.object({ airports: z.int().min(1) }),
  run: ({ airports }) => {
    const flights = readFlights();
    return { ...tallyOf(flights), airports: busiestAirports(flights, airports) };
  },
});

/** Plans a month: the branches of a dynamic fork, one for each airport from which flights started then. */
export const surveyMonth = defineTask({
  type: 'survey_month',
  input: z.object({ month: z.string(), airports: z.array(z.string()), resamples: z.int() }),
  run: ({ month, airports, resamples }) => {
    const flights = readFlights().filter((flight) => flight.month === month);
    const origins = new Set(flights.map(({ origin }) => origin));
    const tasks = airports
      .filter((airport) => origins.has(airport))
      .map((airport) => ({
        name: 'airport_delays',
        taskReferenceName: `${airport}_${month}`,
        inputParameters: { month, airport, resamples },
      }));
    return { tasks };
  },
});

/** Counts one airport in one month, and says how far chance may have had its hand in it: real work for a processor. */
export const airportDelays = defineTask({
  type: 'airport_delays',
  // It computes: more at once would only take turns.
  concurrency: 2,
  input: z.object({ month: z.string(), airport: z.string(), resamples: z.int().min(1) }),
  output: airportMonth,
  run: async ({ month, airport, resamples }, { signal }) => {
    const flights = readFlights().filter(
      (flight) => flight.month === month && flight.origin === airport,
    );
    const margin = await lateMargin(flights, { resamples, seed: `${month} ${airport}`, signal });
    return { month, airport, ...tallyOf(flights), margin };
  },
});

/** Ranks the airports of a month, latest first. */
export const rankMonth = defineTask({
  type: 'rank_month',
  input: z.object({ airports: z.record(z.string(), airportMonth) }),
  run: ({ airports }) => ({
    ranking: Object.values(airports).toSorted(
      (one, other) => latePercent(other) - latePercent(one),
    ),
  }),
});

/** Finds a month's worst day. */
export const worstDay = defineTask({
  type: 'worst_day',
  input: z.object({ month: z.string() }),
  run: ({ month }) => worstDayOf(readFlights().filter((flight) => flight.month === month)),
});

/** Ranks the airports over all months, latest first. */
export const rankAirports = defineTask({
  type: 'rank_airports',
  input: z.object({ airports: z.array(z.string()), months: z.array(z.array(airportMonth)) }),
  run: ({ airports, months }) => {
    const ranked = airports.map((airport) => {
      const own = months.flat().filter((each) => each.airport === airport);
      const tally = addTallies(own);
      return {
        airport,
        ...tally,
        latePercent: latePercent(tally),
        months: own.map((each) => ({
          month: each.month,
          latePercent: latePercent(each),
          margin: each.margin,
        })),
      };
    });
    return { airports: ranked.toSorted((one, other) => other.latePercent - one.latePercent) };
  },
});

/** Looks airports up. Its first attempt fails on purpose, so that the picture of a run shows a retry. */
export const nameAirports = defineTask({
  type: 'name_airports',
  input: z.object({ airports: z.array(z.string()) }),
  run: ({ airports }, { attempt }) => {
    if (attempt === 1) {
      throw new RetryableError({ message: 'the first attempt fails, to show a retry' });
    }
    const names = readAirports();
    const cities = airports.map(
      (airport) => [airport, names.get(airport)?.city ?? airport] as const,
    );
    return { cities: Object.fromEntries(cities) };
  },
});
