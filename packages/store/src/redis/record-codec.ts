import { joineryError, RUN_STATUSES, type RunId, type RunState } from '@joinery/core';
import { z } from 'zod';
import { type NewRun } from '../run-store.ts';
import { storedRunId, storedTaskKey } from './stored-names.ts';

/*
 * The record of a run is a hash: `state`, a JSON array of what moves with transitions; `origin`, a JSON object of what
 * was fixed when the run began; and by their names what changes seldom. So a transition rewrites one short field.
 */

/** What the array `state` of a run's hash holds, in the order of `lua/lib/record.lua`: texts first, then numbers. */
export const STATE_FIELDS = [
  'status',
  'nonce',
  'full',
  'closing',
  'isRootDone',
  'cancelCursor',
  'lastActor',
  'calm',
  'version',
  'decision',
  'fence',
  'fenceIssued',
  'loads',
  'dirty',
  'seen',
  'dirtyAt',
  'open',
  'seq',
  'fullAt',
  'decidedVersion',
  'createdAt',
  'updatedAt',
  'endedAt',
  'lastDecidedAt',
] as const;

/** The fields of a run's hash as Redis has them. */
export type RecordFields = Readonly<Record<string, string>>;

const count = z.int();
const closing = z.object({
  status: z.enum(['COMPLETED', 'FAILED', 'TIMED_OUT', 'TERMINATED']),
  reason: z.string(),
  task: storedTaskKey.exactOptional(),
  isWanted: z.boolean().exactOptional(),
});

const compensating = closing.extend({
  total: z.number(),
  next: z.number(),
  failed: z.array(z.string()),
});

const reset = z.object({
  isAll: z.boolean(),
  keys: z.array(storedTaskKey),
  isGroup: z.boolean().exactOptional(),
  isCleared: z.boolean(),
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
  definitionVersion: z.coerce.number().int(),
  planId: z.string(),
  status: z.enum(RUN_STATUSES),
  reason: z.string().default(''),
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
  compensating: jsonField(compensating, null).prefault(''),
  failedPermissive: jsonField(z.array(z.string()), [] as string[]).prefault(''),
  attempt: z.coerce.number().int().default(1),
  priority: count.default(0),
  correlationId: z.string().default(''),
  idempotencyKey: z.string().default(''),
  traceId: z.string(),
  domains: z.record(z.string(), z.string()).exactOptional(),
  parent: parentLink.nullable().default(null),
  createdAt: count,
  updatedAt: count,
  endedAt: count,
  lastDecidedAt: count,
  lastActor: z.string(),
  resetting: jsonField(reset, null).prefault(''),
  retriedAt: z.coerce.number().int().default(0),
});

const stateArray = z.array(z.union([z.string(), z.number()])).length(STATE_FIELDS.length);
const origin = z.record(z.string(), z.unknown());

/** What of a new run never changes, as the start stores it. */
export function encodeOrigin(run: NewRun): string {
  const { id: _id, input: _input, variables: _variables, definition: _definition, ...fixed } = run;
  const kept = Object.entries(fixed).filter(([, value]) => !isLeftOut(value));
  return JSON.stringify(Object.fromEntries(kept));
}

/** What the schema puts in again. */
function isLeftOut(value: unknown): boolean {
  return value === '' || value === 0 || value === null;
}

/** The moving part of a run's record by the names of its fields: for tools that mend or spoil runs behind the store. */
export type StoredState = Readonly<Record<(typeof STATE_FIELDS)[number], string | number>>;

/** The field `state` of a run's hash as `decodeState` reads it. */
export function encodeState(state: StoredState): string {
  return JSON.stringify(STATE_FIELDS.map((name) => state[name]));
}

/** The field `state` of a run's hash. Throws when it is not one. */
export function decodeState(text: string): StoredState;
export function decodeState(text: string): Readonly<Record<string, string | number>> {
  const values = stateArray.parse(JSON.parse(text));
  return Object.fromEntries(STATE_FIELDS.map((name, index) => [name, values[index] ?? '']));
}

/** The record of a run from the fields of its hash. Throws JN_STORE_CORRUPT when they are not one. */
export function decodeRecord(id: RunId, fields: RecordFields): RunState {
  try {
    const { state = '', origin: fixed = '', ...own } = fields;
    const found = { ...origin.parse(JSON.parse(fixed)), ...own, ...decodeState(state) };
    return { id, ...storedRecord.parse(found) };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw joineryError('JN_STORE_CORRUPT', { key: `of run ${id}`, problem }, { cause });
  }
}

/** The same from a flat list `name, value, …`. */
export function recordOf(id: RunId, flat: readonly string[]): RunState {
  return decodeRecord(id, Object.fromEntries(pairsOf(flat)));
}

/** Pairs of a flat list `name, value, …`. */
export function pairsOf<T>(flat: readonly T[]): [T, T][] {
  return flat.flatMap((name, index): [T, T][] => {
    const value = flat[index + 1];
    return index % 2 === 0 && value !== undefined ? [[name, value]] : [];
  });
}
