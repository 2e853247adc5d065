import { parseRunId, type RunId } from '@joinery/core';
import { Cluster, type Redis } from 'ioredis';
import { decodeEntry, encodeEntry } from '../entry-codec.ts';
import { indexKeys, type IndexKeys } from '../index-keys.ts';
import {
  type IndexChange,
  type IndexedRun,
  momentText,
  placeOf,
  type RunIndex,
  type RunPage,
  type RunSet,
  runSetsOf,
  type RunSpan,
} from '../run-index.ts';
import { defineScript, type RedisClient, taggedReply } from '../script.ts';
import { persist } from './persist.ts';
import { pairsOf } from './record-codec.ts';
import {
  callScript,
  createRedisScope,
  type RedisScope,
  type RedisStoreOptions,
  type ScriptKeys,
} from './redis-scope.ts';
import { storedRunId } from './stored-names.ts';

const script = defineScript({
  name: 'index-run',
  keys: (keys: ScriptKeys) => keys,
  args: (args: readonly (string | number)[]) => args,
  reply: taggedReply({ put: {}, changed: {} }),
});

/** Entries of one step of a scan, keys of one step of a clearing. */
const SCAN_COUNT = 500;

interface IndexScope {
  readonly scope: RedisScope;
  readonly keys: IndexKeys;
}

/** The index over runs in Redis: one slot for each partition, apart from that of its runs. */
export function createRedisRunIndex(redis: RedisClient, options: RedisStoreOptions = {}): RunIndex {
  const scope = createRedisScope(redis, options);
  const index = { scope, keys: indexKeys(scope.options.prefix) };
  return {
    partitions: scope.keys.partitions,
    look: (partition, runIds) => look(index, partition, runIds),
    put: (partition, changes) =>
      Promise.all(changes.map((change) => putOne(index, partition, change))),
    async count(partition, set, span) {
      const [min, max] = boundsOf(span);
      const key = index.keys.set(partition, set);
      return persist(scope, 'ZLEXCOUNT', () => redis.zlexcount(key, min, max));
    },
    page: (partition, set, span, limit) => page(index, { partition, set, span, limit }),
    scan: (partition, cursor) => scan(index, partition, cursor),
    clear: () => clear(redis, index.keys),
  };
}

async function look(
  { scope, keys }: IndexScope,
  partition: number,
  runIds: readonly RunId[],
): Promise<readonly IndexedRun[]> {
  if (runIds.length === 0) return [];
  const texts = await persist(scope, 'HMGET', () =>
    scope.redis.hmget(keys.entries(partition), ...runIds),
  );
  return texts.map((text) => ({
    entry: text === null ? null : decodeEntry(text),
    seen: text ?? '',
  }));
}

async function putOne(
  { scope, keys }: IndexScope,
  partition: number,
  { runId, seen, entry }: IndexChange,
): Promise<boolean> {
  const known = seen === '' ? null : decodeEntry(seen);
  const leaves = known === null ? [] : runSetsOf(known);
  const joins = entry === null ? [] : runSetsOf(entry);
  const sets = [...leaves, ...joins].map((set) => keys.set(partition, set));
  const places = [known, entry].map((each) => (each === null ? '' : placeOf(each)));
  const texts = [runId, seen, entry === null ? '' : encodeEntry(entry)];
  const args = [...texts, ...places, leaves.length];
  const reply = await callScript(scope, script, [keys.entries(partition), ...sets], args);
  return reply.type === 'put';
}

async function page(
  { scope, keys }: IndexScope,
  {
    partition,
    set,
    span,
    limit,
  }: {
    readonly partition: number;
    readonly set: RunSet;
    readonly span: RunSpan;
    readonly limit: number;
  },
): Promise<RunPage> {
  const key = keys.set(partition, set);
  const [min, max] = boundsOf(span);
  const places = await persist(scope, 'ZRANGEBYLEX', () =>
    span.isDescending
      ? scope.redis.zrevrangebylex(key, max, min, 'LIMIT', 0, limit)
      : scope.redis.zrangebylex(key, min, max, 'LIMIT', 0, limit),
  );
  const ids = places.flatMap((place) => parseRunId(place.slice(momentText(0).length)) ?? []);
  const found = await look({ scope, keys }, partition, ids);
  const entries = found.flatMap(({ entry }) => (entry === null ? [] : [entry]));
  return { entries, next: places.length < limit ? null : (places.at(-1) ?? null) };
}

async function scan(
  { scope, keys }: IndexScope,
  partition: number,
  cursor: string | null,
): Promise<{ readonly runIds: readonly RunId[]; readonly cursor: string | null }> {
  const [next, flat] = await persist(scope, 'HSCAN', () =>
    scope.redis.hscan(keys.entries(partition), cursor ?? '0', 'COUNT', SCAN_COUNT),
  );
  const runIds = pairsOf(flat).map(([id]) => storedRunId.parse(id));
  return { runIds, cursor: next === '0' ? null : next };
}

/** The two ends of a span, as Redis reads them. */
function boundsOf({ from, to, after, isDescending }: RunSpan): readonly [min: string, max: string] {
  const [min, max] = [`[${momentText(from)}`, `(${momentText(to + 1)}`];
  if (after === null) return [min, max];
  return isDescending
    ? [min, after < max.slice(1) ? `(${after}` : max]
    : [after > min.slice(1) ? `(${after}` : min, max];
}

async function clear(redis: RedisClient, keys: IndexKeys): Promise<void> {
  const nodes: readonly Redis[] = redis instanceof Cluster ? redis.nodes('master') : [redis];
  for (const node of nodes) await clearNode(node, keys.pattern);
}

/** One by one: the keys of a step are of many slots. */
async function clearNode(node: Redis, pattern: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, found] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
    await Promise.all(found.map((key) => node.unlink(key)));
    cursor = next;
  } while (cursor !== '0');
}
