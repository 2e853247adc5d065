import {
  type DataField,
  type Json,
  type Needs,
  type RunId,
  type Slice,
  type TaskKey,
} from '@joinery/core';
import { decodeRow } from '../row-codec.ts';
import { readShared } from './payloads.ts';
import { persist } from './persist.ts';
import { type RedisScope } from './redis-scope.ts';

/** Fields per HMGET: keeps one command well under a millisecond. */
const PAGE = 500;

/** Read rows, payloads and arrival counts of a run. Changes nothing; null when there is no such run. */
export async function readSlice(
  scope: RedisScope,
  runId: RunId,
  needs: Needs,
): Promise<Pick<Slice, 'rows' | 'data' | 'arrivals'> | null> {
  const keys = scope.keys.run(runId);
  if (!(await isThere(scope, runId))) return null;
  const [rows, stored, counts] = await Promise.all([
    readFields(scope, keys.tasks, needs.rows),
    readFields(scope, keys.data, needs.data),
    readFields(scope, keys.joins, needs.arrivals),
  ]);
  const data = new Map<DataField, Json | null>();
  for (const [field, text] of stored) data.set(field, await readShared(scope, runId, text));
  return {
    rows: mapValues(rows, (text) => (text === null ? null : decodeRow(text))),
    data,
    arrivals: mapValues(counts, (text): number => Number(text ?? 0)),
  };
}

/** True when the run exists and is not being purged. */
export async function isThere(scope: RedisScope, runId: RunId): Promise<boolean> {
  const { run } = scope.keys.run(runId);
  const [state, purging] = await persist(scope, 'HMGET', () =>
    scope.redis.hmget(run, 'state', 'purging'),
  );
  return state != null && purging == null;
}

async function readFields<Field extends TaskKey | DataField>(
  scope: RedisScope,
  key: string,
  fields: readonly Field[],
): Promise<Map<Field, string | null>> {
  const found = new Map<Field, string | null>();
  for (let i = 0; i < fields.length; i += PAGE) {
    const page = fields.slice(i, i + PAGE);
    const values = await persist(scope, 'HMGET', () => scope.redis.hmget(key, ...page));
    page.forEach((field, index) => found.set(field, values[index] ?? null));
  }
  return found;
}

function mapValues<Key, From, To>(
  map: ReadonlyMap<Key, From>,
  change: (from: From) => To,
): Map<Key, To> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
