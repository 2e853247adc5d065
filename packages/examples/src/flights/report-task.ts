import { defineTask } from '@joinery/worker';
import { z } from 'zod';
import { airportSchema, answerSchema, daySchema, hoursSchema } from './answer.ts';
import { latePercent, tallySchema } from './tally.ts';

/** Puts the parts together: what comes out of the run. */
export const reportDelays = defineTask({
  type: 'report_delays',
  input: z.object({
    total: tallySchema,
    airports: z.array(airportSchema.omit({ city: true })),
    cities: z.record(z.string(), z.string()),
    hours: z.array(hoursSchema),
    worstDays: z.array(daySchema),
    distance: answerSchema.shape.distance,
  }),
  output: answerSchema,
  run: ({ total, airports, cities, hours, worstDays, distance }) => ({
    ...total,
    latePercent: latePercent(total),
    airports: airports.map((each) => ({ ...each, city: cities[each.airport] ?? each.airport })),
    hours,
    worstDays,
    distance,
  }),
});
