import {
  type RunId,
  type Slice,
  type TaskKey,
  type TaskRow,
  taskKeyOf,
  type Watch,
} from '@joinery/core';
import { decodeRow } from '../row-codec.ts';
import { persist } from './persist.ts';
import { pairsOf } from './record-codec.ts';
import { isThere } from './read-slice.ts';
import { type RedisScope } from './redis-scope.ts';
import { z } from 'zod';
import { storedTimerId } from './stored-names.ts';

/** Entries per page: a few hundred microseconds of Redis. */
const PAGE = 500;

/** Read every row in pages, and what watches over them. Not atomic. Null when there is no such run. */
export async function readWholeRun(
  scope: RedisScope,
  runId: RunId,
): Promise<Pick<Slice, 'rows' | 'arrivals' | 'whole'> | null> {
  if (!(await isThere(scope, runId))) return null;
  const keys = scope.keys.run(runId);
  const rows = new Map<TaskKey, TaskRow>();
  for (const [key, text] of await scanHash(scope, keys.tasks)) {
    // Earlier attempts are kept for people.
    if (!/@\d+$/.test(key)) rows.set(taskKeyOf(key), decodeRow(text));
  }
  const arrivals = new Map<TaskKey, number>();
  for (const [field, count] of await scanHash(scope, keys.joins)) {
    if (!field.includes('\0')) arrivals.set(taskKeyOf(field), Number(count));
  }
  return { rows, arrivals, whole: await readWatch(scope, runId) };
}

async function readWatch(scope: RedisScope, runId: RunId): Promise<Watch> {
  const { timers, watch } = scope.keys.run(runId);
  const entries = await scanSet(scope, watch);
  const keysOf = (kind: string): TaskKey[] =>
    entries.flatMap((entry) =>
      entry.startsWith(kind) ? [taskKeyOf(entry.slice(kind.length))] : [],
    );
  return {
    timers: new Set(z.array(storedTimerId).parse(await scanSet(scope, timers))),
    leases: new Set([...keysOf('lease:'), ...keysOf('ended:')]),
    // Every dispatch letter is put together with its check and leaves together with it.
    checks: new Set(keysOf('check:')),
  };
}

/** Every field of a hash, read in pages; a field that is written meanwhile may be old or new. */
export async function scanHash(scope: RedisScope, key: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor = '0';
  do {
    const [next, flat] = await persist(scope, 'HSCAN', () =>
      scope.redis.hscan(key, cursor, 'COUNT', PAGE),
    );
    for (const [field, value] of pairsOf(flat)) found.set(field, value);
    cursor = next;
  } while (cursor !== '0');
  return found;
}

async function scanSet(scope: RedisScope, key: string): Promise<string[]> {
  const found = new Set<string>();
  let cursor = '0';
  do {
    const [next, flat] = await persist(scope, 'ZSCAN', () =>
      scope.redis.zscan(key, cursor, 'COUNT', PAGE),
    );
    for (const [member] of pairsOf(flat)) found.add(member);
    cursor = next;
  } while (cursor !== '0');
  return [...found];
}
