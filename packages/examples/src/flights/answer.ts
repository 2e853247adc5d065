import { z } from 'zod';
import { tallySchema } from './tally.ts';

/** An airport over the whole time and in each month. */
export const airportSchema = z.object({
  airport: z.string(),
  city: z.string(),
  ...tallySchema.shape,
  latePercent: z.number(),
  months: z.array(
    z.object({
      month: z.string(),
      latePercent: z.number(),
      /** Plus or minus, in per cent points. */
      margin: z.number(),
    }),
  ),
});

/** A part of the day, `from` an hour to the one before `to`. */
export const hoursSchema = z.object({
  from: z.int(),
  to: z.int(),
  ...tallySchema.shape,
  latePercent: z.number(),
});

/** The day on which most went wrong. */
export const daySchema = z.object({
  day: z.string(),
  ...tallySchema.shape,
  latePercent: z.number(),
});

/** Flights of a length, from `miles` up. */
export const bandSchema = z.object({
  band: z.string(),
  ...tallySchema.shape,
  latePercent: z.number(),
});

/** Schema of {@link Answer}. */
export const answerSchema = z.object({
  ...tallySchema.shape,
  latePercent: z.number(),
  /** Latest first. */
  airports: z.array(airportSchema),
  /** In the order of the day. */
  hours: z.array(hoursSchema),
  /** The worst of each month, in their order. */
  worstDays: z.array(daySchema),
  distance: z.object({
    bands: z.array(bandSchema),
    /** Whether the bands differ enough to look closer. */
    differs: z.boolean(),
    /** Null when nobody looked closer. */
    correlation: z.number().nullable(),
  }),
});

/** Where, when and on which distances flights ran late. */
export type Answer = z.output<typeof answerSchema>;
/** A month's worst day. */
export type WorstDay = z.output<typeof daySchema>;
/** Flights of one length. */
export type Band = z.output<typeof bandSchema>;
/** A part of the day. */
export type Hours = z.output<typeof hoursSchema>;
/** An airport with its months. */
export type AirportDelays = z.output<typeof airportSchema>;
