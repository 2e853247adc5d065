import { isTerminalRun, partitionOf, type RunId } from '@joinery/core';
import { IDEMPOTENCY_KEPT_MS } from '../idempotency-kept.ts';
import { defineScript, taggedReply } from '../script.ts';
import { persist } from './persist.ts';
import { callScript, headArgs, type RedisScope, type ScriptKeys, storeNow } from './redis-scope.ts';
import { findRun } from './read-run.ts';
import { storedRunId } from './stored-names.ts';

/** Entries removed by one call of the script: about a millisecond of Redis. */
const BUDGET = 1_000;
/** When a child is to be thought of again whose parent was alive. More keeps it for longer than need be. */
const PARENT_LIVES_MS = 3_600_000;

const script = defineScript({
  name: 'purge-run',
  keys: (keys: ScriptKeys) => keys,
  args: (args: { readonly head: readonly (string | number)[]; readonly hasNoBlobs: boolean }) => [
    ...args.head,
    BUDGET,
    Number(args.hasNoBlobs),
    IDEMPOTENCY_KEPT_MS,
  ],
  reply: taggedReply({ kept: {}, begun: {}, more: {}, purged: {} }),
});

/** One step for each of at most `limit` runs whose retention is over. */
export async function purgeExpired(
  scope: RedisScope,
  partition: number,
  limit: number,
): Promise<{ readonly purged: number; readonly hasMore: boolean }> {
  const now = await storeNow(scope);
  const { expiry } = scope.keys.partition(partition);
  const due = await persist(scope, 'ZRANGEBYSCORE', () =>
    scope.redis.zrangebyscore(expiry, '-inf', now, 'LIMIT', 0, limit),
  );
  let purged = 0;
  for (const runId of due) {
    const step = await purgeStep(scope, storedRunId.parse(runId));
    purged += Number(step === 'purged');
  }
  const left = await persist(scope, 'ZCOUNT', () => scope.redis.zcount(expiry, '-inf', now));
  return { purged, hasMore: left > 0 };
}

/** See `RunStore.remove`. Only a run whose retention counts has an expiry, and only that is brought forward. */
export async function removeRun(
  scope: RedisScope,
  runId: RunId,
): Promise<'removed' | 'kept' | 'gone'> {
  const { expiry } = scope.keys.partition(partitionOf(runId));
  const isKnown = await persist(scope, 'ZSCORE', () => scope.redis.zscore(expiry, runId));
  if (isKnown === null) return (await findRun(scope, runId)) === null ? 'gone' : 'kept';
  if (await isParentAlive(scope, runId)) return 'kept';
  const now = await storeNow(scope);
  await persist(scope, 'ZADD', () => scope.redis.zadd(expiry, 'XX', 'LT', now, runId));
  for (;;) {
    const step = await purgeStep(scope, runId);
    if (step === 'purged') return 'removed';
    if (step === 'kept') return 'kept';
  }
}

async function purgeStep(scope: RedisScope, runId: RunId): Promise<'kept' | 'more' | 'purged'> {
  if (await isParentAlive(scope, runId)) return postpone(scope, runId);
  const { run } = scope.keys.run(runId);
  const idem = await persist(scope, 'HGET', () => scope.redis.hget(run, 'idem'));
  const idemKey = idem ? scope.keys.idempotency(partitionOf(runId), idem) : run;
  const keys = [...scope.keys.runScriptKeys(runId), idemKey];
  const head = headArgs(scope, runId, 'purge');
  const begun = await callScript(scope, script, keys, { head, hasNoBlobs: false });
  if (begun.type !== 'begun') return begun.type;
  await removeBlobs(scope, runId);
  const step = await callScript(scope, script, keys, { head, hasNoBlobs: true });
  return step.type === 'begun' ? 'more' : step.type;
}

/** Whoever looks at a live run wants to see its children. */
async function isParentAlive(scope: RedisScope, runId: RunId): Promise<boolean> {
  const parent = (await findRun(scope, runId))?.parent ?? null;
  const above = parent === null ? null : await findRun(scope, parent.runId);
  return above !== null && !isTerminalRun(above.status);
}

async function postpone(scope: RedisScope, runId: RunId): Promise<'kept'> {
  const { expiry } = scope.keys.partition(partitionOf(runId));
  const at = (await storeNow(scope)) + PARENT_LIVES_MS;
  await persist(scope, 'ZADD', () => scope.redis.zadd(expiry, 'XX', at, runId));
  return 'kept';
}

/** Nothing reads the run any more: a purge that ends half-way does this again. */
async function removeBlobs(scope: RedisScope, runId: RunId): Promise<void> {
  const { data } = scope.keys.run(runId);
  let cursor = '0';
  do {
    const [next, page] = await persist(scope, 'HSCAN', () =>
      scope.redis.hscan(data, cursor, 'COUNT', BUDGET),
    );
    const blobs = page.filter((text, index) => index % 2 === 1 && text.startsWith('@'));
    for (const text of blobs) {
      await persist(scope, 'UNLINK', () =>
        scope.redis.unlink(scope.keys.blob(runId, text.slice(1))),
      );
    }
    cursor = next;
  } while (cursor !== '0');
}
