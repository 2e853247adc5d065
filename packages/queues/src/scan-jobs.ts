import { joineryError } from '@joinery/core';
import { execPipeline } from './exec-pipeline.ts';
import { type JobState, type ScannedJob, type ScanPage } from './job-queue.ts';
import { type RedisClient } from './redis-connection.ts';
import { type TaskJob, taskJobSchema } from './task-job.ts';

/** The states in the order in which jobs pass through them. */
export const SCAN_ORDER = ['delayed', 'prioritized', 'waiting', 'active'] as const;

/** One chunk of one queue. */
export interface ScanRequest {
  readonly connection: RedisClient;
  /** The Redis key of a list, a set or a job of the queue. */
  readonly key: (type: string) => string;
  readonly cursor: string | null;
  readonly limit: number;
}

/**
 * Reads by index, from the end at which jobs arrive: a job taken from the other end moves nobody, one that arrives
 * moves the others towards us. BullMQ's own getJobs reads whole states in one script.
 */
export async function scanJobs({ connection, key, cursor, limit }: ScanRequest): Promise<ScanPage> {
  const { state, offset } = parseScanCursor(cursor);
  const last = offset + limit - 1;
  const ids =
    state === 'waiting' || state === 'active'
      ? await connection.lrange(key(state === 'waiting' ? 'wait' : state), offset, last)
      : await connection.zrange(key(state), offset, last);
  const pipeline = connection.pipeline();
  for (const id of ids) pipeline.hget(key(id), 'data');
  const data = await execPipeline(pipeline);
  const jobs = ids.map((id, index): ScannedJob => ({ id, state, job: parseTaskJob(data[index]) }));
  return {
    jobs,
    cursor: nextScanCursor({ state, offset: offset + ids.length }, ids.length < limit),
  };
}

/** Where a scan stands. */
export interface ScanPosition {
  readonly state: JobState;
  readonly offset: number;
}

/** Reads a cursor; null is the beginning. */
export function parseScanCursor(cursor: string | null): ScanPosition {
  if (cursor === null) return { state: SCAN_ORDER[0], offset: 0 };
  const [word, digits = ''] = cursor.split(':');
  const state = SCAN_ORDER.find((known) => known === word);
  if (state === undefined || !/^\d{1,15}$/u.test(digits)) {
    const problem = `${JSON.stringify(cursor)} was not given by a scan`;
    throw joineryError('JN_REQUEST_INVALID', { what: 'scan cursor', problem });
  }
  return { state, offset: Number(digits) };
}

/** The cursor after a chunk, in the next state when this one is exhausted; null after the last. */
export function nextScanCursor(
  { state, offset }: ScanPosition,
  isExhausted: boolean,
): string | null {
  if (!isExhausted) return `${state}:${offset}`;
  const next = SCAN_ORDER[SCAN_ORDER.indexOf(state) + 1];
  return next === undefined ? null : `${next}:0`;
}

function parseTaskJob(data: unknown): TaskJob | null {
  if (typeof data !== 'string') return null;
  try {
    return taskJobSchema.safeParse(JSON.parse(data)).data ?? null;
  } catch {
    // Not JSON: somebody else's job.
    return null;
  }
}
