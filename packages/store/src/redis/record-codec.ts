import { joineryError, RUN_STATUSES, type RunId, type RunState } from '@joinery/core';
import { z } from 'zod';
import { storedRunId, storedTaskKey } from './stored-names.ts';

const count = z.coerce.number().int();
const closing = z.object({
  status: z.enum(['COMPLETED', 'FAILED', 'TIMED_OUT', 'TERMINATED']),
  reason: z.string(),
  task: storedTaskKey.exactOptional(),
  isWanted: z.boolean().exactOptional(),
});

const parentLink = z.object({
  runId: storedRunId,
  key: storedTaskKey,
  attempt: z.number(),
  depth: z.number(),
});

/** JSON text in a field, '' for its empty value. */
function jsonField<Schema extends z.ZodType, Empty>(schema: Schema, empty: Empty) {
  return z.string().transform((text): z.output<Schema> | Empty => {
    return text === '' ? empty : schema.parse(JSON.parse(text));
  });
}

const storedRecord = z.object({
  definition: z.string(),
  definitionVersion: count,
  planId: z.string(),
  status: z.enum(RUN_STATUSES),
  reason: z.string(),
  version: count,
  decision: count,
  nonce: z.string(),
  fence: count,
  dirty: count,
  seen: count,
  open: count,
  seq: count,
  isRootDone: z.string().transform((text) => text === '1'),
  closing: jsonField(closing, null),
  failedPermissive: jsonField(z.array(z.string()), [] as string[]),
  attempt: count,
  priority: count,
  correlationId: z.string(),
  idempotencyKey: z.string(),
  traceId: z.string(),
  parent: jsonField(parentLink, null).prefault(''),
  createdAt: count,
  updatedAt: count,
  endedAt: count,
  lastDecidedAt: count,
  lastActor: z.string(),
});

/** The record of a run from the fields of its hash. Throws JN_STORE_CORRUPT when they are not one. */
export function decodeRecord(id: RunId, fields: Readonly<Record<string, string>>): RunState {
  const parsed = storedRecord.safeParse(fields);
  if (parsed.success) return { id, ...parsed.data };
  const { error: cause } = parsed;
  throw joineryError(
    'JN_STORE_CORRUPT',
    { key: `of run ${id}`, problem: cause.message },
    { cause },
  );
}

/** The fields that a claim brings, in the order of `lua/lib/claims.lua`. */
export const RECORD_FIELDS = Object.keys(storedRecord.shape);

/** The record of a run from the values of `RECORD_FIELDS`. Throws JN_STORE_CORRUPT when they are not one. */
export function recordOf(id: RunId, values: readonly (string | null)[]): RunState {
  return decodeRecord(
    id,
    Object.fromEntries(RECORD_FIELDS.map((name, index) => [name, values[index] ?? ''])),
  );
}

/** Pairs of a flat list `name, value, …`. */
export function pairsOf<T>(flat: readonly T[]): [T, T][] {
  return flat.flatMap((name, index): [T, T][] => {
    const value = flat[index + 1];
    return index % 2 === 0 && value !== undefined ? [[name, value]] : [];
  });
}
