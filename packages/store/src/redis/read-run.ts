import {
  type DataField,
  type HistoryEvent,
  type Json,
  partitionOf,
  type RecordedEvent,
  type RunId,
  type RunState,
  type TaskRow,
} from '@joinery/core';
import { z } from 'zod';
import { decodeRow } from '../row-codec.ts';
import { type AttentionEntry, type RunSummary } from '../run-findings.ts';
import { readPayload } from './payloads.ts';
import { persist } from './persist.ts';
import { scanHash } from './read-whole.ts';
import { decodeRecord } from './record-codec.ts';
import { type RedisScope } from './redis-scope.ts';
import { storedRunId } from './stored-names.ts';

const recorded = z.tuple([z.number(), z.number(), z.string(), z.custom<HistoryEvent>()]);

/** The record of a run, or null. */
export async function findRun(scope: RedisScope, runId: RunId): Promise<RunState | null> {
  const { run } = scope.keys.run(runId);
  const fields = await persist(scope, 'HGETALL', () => scope.redis.hgetall(run));
  const isThere = fields['state'] !== undefined && fields['purging'] === undefined;
  return isThere ? decodeRecord(runId, fields) : null;
}

/** One payload of a run, or null. */
export async function findPayload(
  scope: RedisScope,
  runId: RunId,
  field: DataField,
): Promise<Json | null> {
  const { data } = scope.keys.run(runId);
  return readPayload(
    scope,
    runId,
    await persist(scope, 'HGET', () => scope.redis.hget(data, field)),
  );
}

/** Every row, earlier attempts included, by order of creation. */
export async function listRows(scope: RedisScope, runId: RunId): Promise<readonly TaskRow[]> {
  const rows: TaskRow[] = [];
  for (const text of (await scanHash(scope, scope.keys.run(runId).tasks)).values()) {
    rows.push(decodeRow(text));
  }
  return rows.toSorted((a, b) => a.seq - b.seq || a.attempt - b.attempt);
}

/** Events from a version on. */
export async function readHistory(
  scope: RedisScope,
  runId: RunId,
  { fromVersion, limit }: { readonly fromVersion: number; readonly limit: number },
): Promise<readonly RecordedEvent[]> {
  const first = Math.max(0, fromVersion - 1);
  const { history } = scope.keys.run(runId);
  if (limit < 1) return [];
  const texts = await persist(scope, 'LRANGE', () =>
    scope.redis.lrange(history, first, first + limit - 1),
  );
  return texts.map((text) => {
    const [version, at, actor, event] = recorded.parse(JSON.parse(text));
    return { version, at, actor, event };
  });
}

/** The newest runs over all partitions. */
export async function listRuns(scope: RedisScope, limit: number): Promise<readonly RunSummary[]> {
  if (limit < 1) return [];
  const partitions = Array.from({ length: scope.keys.partitions }, (_none, partition) => partition);
  const pages = await Promise.all(
    partitions.map((partition) => newestOf(scope, scope.keys.partition(partition).runs, limit)),
  );
  const newest = pages
    .flat()
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  const found = await Promise.all(newest.slice(0, limit).map(({ id }) => summaryOf(scope, id)));
  return found.filter((summary) => summary !== null);
}

async function newestOf(
  scope: RedisScope,
  key: string,
  limit: number,
): Promise<{ readonly id: RunId; readonly createdAt: number }[]> {
  const flat = await persist(scope, 'ZREVRANGE', () =>
    scope.redis.zrevrange(key, 0, limit - 1, 'WITHSCORES'),
  );
  return flat.flatMap((id, index) =>
    index % 2 === 0 ? [{ id: storedRunId.parse(id), createdAt: Number(flat[index + 1]) }] : [],
  );
}

async function summaryOf(scope: RedisScope, runId: RunId): Promise<RunSummary | null> {
  const run = await findRun(scope, runId);
  if (run === null) return null;
  const { definition, definitionVersion: version, status, createdAt, endedAt, reason } = run;
  return { runId, definition, version, status, createdAt, endedAt, reason };
}

/** When a run will be looked at next; null = not in attention. */
export async function findAttention(
  scope: RedisScope,
  runId: RunId,
): Promise<AttentionEntry | null> {
  const { attention } = scope.keys.partition(partitionOf(runId));
  const dueAt = await persist(scope, 'ZSCORE', () => scope.redis.zscore(attention, runId));
  return dueAt === null ? null : { runId, dueAt: Number(dueAt) };
}

/** Who holds the run's fused lock. */
export async function findLockHolder(
  scope: RedisScope,
  runId: RunId,
): Promise<{ readonly token: string; readonly leftMs: number } | null> {
  const { lock } = scope.keys.run(runId);
  const [token, leftMs] = await Promise.all([
    persist(scope, 'GET', () => scope.redis.get(lock)),
    persist(scope, 'PTTL', () => scope.redis.pttl(lock)),
  ]);
  return token === null || leftMs === -2 ? null : { token, leftMs };
}
