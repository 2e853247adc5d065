import { type RunId } from '@joinery/core';
import { z } from 'zod';
import { type MovedRun } from '../run-findings.ts';
import { defineScript, taggedReply } from '../script.ts';
import { persist } from './persist.ts';
import { pairsOf } from './record-codec.ts';
import { callScript, type RedisScope, type ScriptKeys } from './redis-scope.ts';
import { storedRunId } from './stored-names.ts';

const script = defineScript({
  name: 'settle-moved',
  keys: (keys: ScriptKeys) => keys,
  args: (moved: readonly MovedRun[]) => moved.flatMap(({ runId, mark }) => [runId, textOf(mark)]),
  reply: taggedReply({ settled: { count: z.number() } }),
});

/** Runs of a partition that views over many runs have not seen as they are now. */
export async function movedRuns(
  scope: RedisScope,
  partition: number,
  limit: number,
): Promise<readonly MovedRun[]> {
  if (limit < 1) return [];
  const { moved } = scope.keys.partition(partition);
  const flat = await persist(scope, 'ZRANGE', () =>
    scope.redis.zrange(moved, 0, limit - 1, 'WITHSCORES'),
  );
  return pairsOf(flat).map(([id, mark]) => ({ runId: storedRunId.parse(id), mark: markOf(mark) }));
}

/** The marks go, but for those of runs that have moved again. */
export async function settleMoved(
  scope: RedisScope,
  partition: number,
  moved: readonly MovedRun[],
): Promise<number> {
  if (moved.length === 0) return 0;
  const keys = [scope.keys.partition(partition).moved];
  return (await callScript(scope, script, keys, moved)).count;
}

/** Marks runs as moved that are not; those that are keep their mark. */
export async function markMoved(
  scope: RedisScope,
  partition: number,
  runIds: readonly string[],
): Promise<void> {
  if (runIds.length === 0) return;
  const { moved } = scope.keys.partition(partition);
  const entries = runIds.flatMap((id) => [0, id]);
  await persist(scope, 'ZADD', () => scope.redis.zadd(moved, 'NX', ...entries));
}

/** Runs of one step of a scan. */
const SCAN_COUNT = 500;

/** Every run of a partition, some at a time. */
export async function scanRuns(
  scope: RedisScope,
  partition: number,
  cursor: string | null,
): Promise<{ readonly runIds: readonly RunId[]; readonly cursor: string | null }> {
  const { runs } = scope.keys.partition(partition);
  const [next, flat] = await persist(scope, 'ZSCAN', () =>
    scope.redis.zscan(runs, cursor ?? '0', 'COUNT', SCAN_COUNT),
  );
  const runIds = pairsOf(flat).map(([id]) => storedRunId.parse(id));
  return { runIds, cursor: next === '0' ? null : next };
}

/** Redis writes no end of numbers so. */
function markOf(text: string): number {
  return text === 'inf' ? Number.POSITIVE_INFINITY : Number(text);
}

function textOf(mark: number): string {
  return mark === Number.POSITIVE_INFINITY ? 'inf' : String(mark);
}
