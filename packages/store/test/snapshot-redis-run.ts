import { partitionOf, type HistoryEvent, type Json, type Letter, type RunId } from '@joinery/core';
import type { KeyBuilder, RunSnapshot } from '@joinery/store';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { decodeRecord, decodeState, pairsOf } from '../src/redis/record-codec.ts';
import { decodeRow } from '../src/row-codec.ts';

const recorded = z.tuple([z.number(), z.number(), z.string(), z.custom<HistoryEvent>()]);
const posted = z.looseObject({ at: z.number() });
const fenced = z.looseObject({ fencingToken: z.number().optional() });

type Hash = Readonly<Record<string, string>>;
type Scores = Readonly<Record<string, number>>;

/** Everything that Redis keeps of a run, in the shape of the twin's snapshot; null when there is no record. */
export async function snapshotRedisRun(
  redis: Redis,
  keys: KeyBuilder,
  runId: RunId,
): Promise<RunSnapshot | null> {
  const raw = await readRaw(redis, keys, runId);
  if (raw.record['state'] === undefined) return null;
  const record = recordOf(runId, raw.record);
  if (Number(raw.createdAt) !== record.createdAt) throw new Error('not listed');
  return {
    record,
    tasks: mapValues(raw.tasks, decodeRow),
    data: mapValues(raw.data, (text): Json => JSON.parse(text)),
    history: raw.history.map(eventOf),
    outbox: mapValues(raw.outbox, letterOf),
    timers: raw.timers,
    watch: raw.watch,
    joins: joinsOf(raw.joins),
    todo: raw.todo,
    fences: fencesOf(raw.tasks),
    lock: raw.lock,
    attention: raw.attention === null ? null : Number(raw.attention),
    expiry: raw.expiry === null ? null : Number(raw.expiry),
    moved: raw.moved === null ? null : Number(raw.moved),
    unsent: ownLetters(runId, raw.unsent),
  };
}

async function readRaw(redis: Redis, keys: KeyBuilder, runId: RunId) {
  const run = keys.run(runId);
  const partition = keys.partition(partitionOf(runId));
  const hash = (key: string): Promise<Hash> => redis.hgetall(key);
  const scores = async (key: string): Promise<Scores> => {
    const flat = await redis.zrange(key, 0, -1, 'WITHSCORES');
    return Object.fromEntries(pairsOf(flat).map(([member, score]) => [member, Number(score)]));
  };
  // Issued at once, so that they are one round trip.
  const [record, tasks, data, outbox, joins] = await Promise.all([
    hash(run.run),
    hash(run.tasks),
    hash(run.data),
    hash(run.outbox),
    hash(run.joins),
  ]);
  const [timers, watch, todo, unsent] = await Promise.all([
    scores(run.timers),
    scores(run.watch),
    scores(run.todo),
    scores(partition.unsent),
  ]);
  const [attention, expiry, moved, createdAt, lock, history] = await Promise.all([
    redis.zscore(partition.attention, runId),
    redis.zscore(partition.expiry, runId),
    redis.zscore(partition.moved, runId),
    redis.zscore(partition.runs, runId),
    redis.get(run.lock),
    redis.lrange(run.history, 0, -1),
  ]);
  const hashes = { record, tasks, data, outbox, joins };
  const sets = { timers, watch, todo, unsent };
  return { ...hashes, ...sets, attention, expiry, moved, createdAt, lock, history };
}

function recordOf(runId: RunId, fields: Hash): RunSnapshot['record'] {
  const state = decodeState(fields['state'] ?? '');
  return {
    ...decodeRecord(runId, { ...fields }),
    fenceIssued: Number(state['fenceIssued']),
    decidedVersion: Number(state['decidedVersion']),
    loads: Number(state['loads']),
    dirtyAt: Number(state['dirtyAt']),
    fullAt: Number(state['fullAt']),
    isFullDue: state['full'] === '1',
    calm: String(state['calm']),
    operations: z.array(z.string()).parse(JSON.parse(fields['ops'] || '[]')),
  };
}

function eventOf(text: string): RunSnapshot['history'][number] {
  const [version, at, actor, event] = recorded.parse(JSON.parse(text));
  return { version, at, actor, event };
}

function letterOf(text: string): { letter: Letter; at: number } {
  const { at, ...letter } = posted.parse(JSON.parse(text));
  return { letter: z.custom<Letter>().parse(letter), at };
}

/** Also proves that each count is the size of its set. */
function joinsOf(fields: Hash): RunSnapshot['joins'] {
  const joins: Record<string, string[]> = {};
  for (const field of Object.keys(fields)) {
    const [join = '', key] = field.split('\0');
    if (key !== undefined) joins[join] = [...(joins[join] ?? []), key].toSorted();
  }
  for (const [join, keys] of Object.entries(joins)) {
    if (Number(fields[join]) !== keys.length) throw new Error(`count of ${join} is wrong`);
  }
  return joins;
}

/** Earlier attempts keep theirs; only the present row's counts. */
function fencesOf(tasks: Hash): Scores {
  const current = Object.entries(tasks).filter(([key]) => !/@\d+$/u.test(key));
  return Object.fromEntries(
    current.flatMap(([key, text]) => {
      const { fencingToken } = fenced.parse(JSON.parse(text.slice(text.indexOf(' ') + 1)));
      return fencingToken === undefined ? [] : [[key, fencingToken] as const];
    }),
  );
}

function ownLetters(runId: RunId, unsent: Scores): Scores {
  const own = Object.entries(unsent).filter(([id]) => id.startsWith(`${runId} `));
  return Object.fromEntries(own.map(([id, at]) => [id.slice(runId.length + 1), at]));
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  to: (from: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(value)]));
}
