/** The tasks that answer when, and on which distances, flights ran late. */
import { defineTask } from '@joinery/worker';
import { z } from 'zod';
import { bandSchema, hoursSchema } from './answer.ts';
import { distanceCorrelation } from './correlation.ts';
import { readFlights } from './flight.ts';
import { bandsDiffer, HOURS_PER_PART } from './groups.ts';
import { shareOf } from './tally.ts';

/** Plans the day: the branches of a dynamic fork, one for each part of the day that has flights. */
export const surveyHours = defineTask({
  type: 'survey_hours',
  run: () => {
    const parts = new Set(readFlights().map(({ hour }) => Math.floor(hour / HOURS_PER_PART)));
    const tasks = [...parts]
      .toSorted((one, other) => one - other)
      .map((part) => {
        const from = part * HOURS_PER_PART;
        const to = from + HOURS_PER_PART;
        return {
          name: 'hour_delays',
          taskReferenceName: `hours_${from}_to_${to}`,
          inputParameters: { from, to },
        };
      });
    return { tasks };
  },
});

/** Counts one part of the day. */
export const hourDelays = defineTask({
  type: 'hour_delays',
  input: z.object({ from: z.int(), to: z.int() }),
  output: hoursSchema,
  run: ({ from, to }) => {
    const own = readFlights().filter(({ hour }) => hour >= from && hour < to);
    return { from, to, ...shareOf(own) };
  },
});

/** Puts the parts of the day in order. */
export const orderHours = defineTask({
  type: 'order_hours',
  input: z.object({ hours: z.record(z.string(), hoursSchema) }),
  run: ({ hours }) => ({
    hours: Object.values(hours).toSorted((one, other) => one.from - other.from),
  }),
});

/** Counts the flights of one length. */
export const distanceDelays = defineTask({
  type: 'distance_delays',
  input: z.object({ band: z.string(), from: z.number(), to: z.number() }),
  output: bandSchema,
  run: ({ band, from, to }) => {
    const own = readFlights().filter(({ distance }) => distance >= from && distance < to);
    return { band, ...shareOf(own) };
  },
});

/** Says whether the bands differ; a SWITCH goes by its word. */
export const compareDistances = defineTask({
  type: 'compare_distances',
  input: z.object({ bands: z.array(bandSchema) }),
  run: ({ bands }) => ({ bands, verdict: bandsDiffer(bands) ? 'differs' : 'alike' }),
});

/** Looks closer: do delays grow with the distance? Only asked when the bands differ. */
export const correlateDistance = defineTask({
  type: 'correlate_distance',
  run: () => ({ correlation: distanceCorrelation(readFlights()) }),
});

/** What there is to say about distance, looked at closely or not. */
export const concludeDistance = defineTask({
  type: 'conclude_distance',
  input: z.object({
    bands: z.array(bandSchema),
    verdict: z.enum(['differs', 'alike']),
    correlation: z.number().nullable(),
  }),
  run: ({ bands, verdict, correlation }) => ({
    bands,
    differs: verdict === 'differs',
    correlation,
  }),
});
