import { z } from 'zod';

/** A map of JSON values: a workflow's input, a task's output. */
export const jsonMap = z.record(z.string(), z.json());

/** The same where nothing may be sent for an empty one. */
export const optionalJsonMap = jsonMap.nullish();

/** A whole number of a query within its range. */
export function whole(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .regex(/^\d{1,15}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** `true` or `false` of a query. */
export function flag(byDefault: boolean): z.ZodType<boolean, string | undefined> {
  return z
    .enum(['true', 'false'])
    .optional()
    .transform((text) => (text === undefined ? byDefault : text === 'true'));
}

/** A parameter of a query that may be repeated. */
export const repeated = z
  .union([z.string(), z.array(z.string()).max(1_000)])
  .optional()
  .transform((value) => (value === undefined ? [] : [value].flat()));

/** A path that names a run. */
export const runPath = z.object({ id: z.string() });
