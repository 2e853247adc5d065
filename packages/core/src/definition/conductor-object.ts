import { z } from 'zod';
import { isJsonObject, type Json, type JsonObject } from '../run/json.ts';

/**
 * An object as Conductor's JSON reader takes it: unknown members are ignored, null counts as absent, except for the
 * members in `nullBecomes` (Java primitives), where it is 0 or false. Behaviour of Conductor OSS 3.30.
 */
export function conductorObject<Shape extends z.ZodRawShape>(
  shape: Shape,
  nullBecomes: Readonly<Record<string, 0 | false>> = {},
): z.ZodType<z.output<z.ZodObject<Shape>>> {
  return z.preprocess((input) => withoutNulls(input, shape, nullBecomes), z.object(shape));
}

/** The members that a schema of this file knows. */
export function membersOf(schema: z.ZodType): readonly string[] {
  if (schema instanceof z.ZodPipe)
    return schema.out instanceof z.ZodType ? membersOf(schema.out) : [];
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function withoutNulls(
  input: unknown,
  shape: z.ZodRawShape,
  nullBecomes: Readonly<Record<string, 0 | false>>,
): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  const known = Object.entries(input).flatMap(([name, value]: [string, unknown]) => {
    if (!Object.hasOwn(shape, name)) return [];
    if (value !== null) return [[name, value]];
    return Object.hasOwn(nullBecomes, name) ? [[name, nullBecomes[name]]] : [];
  });
  return Object.fromEntries(known);
}

// The bound of Java's int, and far from the safe integers even in milliseconds.
const MAX_INT = 2_147_483_647;

/** A whole number of at least `min`, within Java's int. */
export const wholeNumber = (min = 0): z.ZodNumber => z.int().min(min).max(MAX_INT);

/** A number of milliseconds since epoch. */
export const moment = z.int();

/** A text that is not blank. */
export const requiredText = z.string().refine((text) => text.trim() !== '', 'must not be blank');

/** Any JSON object, taken over as it is: members with null values stay. */
export const jsonObject = z.custom<JsonObject>(
  (value) => isJsonObject(fromChecked(value)),
  'expected an object',
);

/** Any JSON value. */
export const jsonValue = z.custom<Json>((value) => value !== undefined, 'expected a value');

// The parsers measure the whole input beforehand: every value below is JSON.
function fromChecked(value: unknown): Json | undefined;
function fromChecked(value: unknown): unknown {
  return value;
}
