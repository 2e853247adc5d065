import { type RecordedEvent, type RunId } from '@joinery/core';
import { createRedisStore, type RunStore } from '@joinery/store';
import { Redis } from 'ioredis';

/** More events than any run of the chaos workloads has. */
const ALL = 100_000;

/** The histories of runs as they are now; a run that is not there has none. */
export async function readHistories(
  store: RunStore,
  runIds: readonly RunId[],
): Promise<ReadonlyMap<RunId, readonly RecordedEvent[]>> {
  const read = runIds.map(async (runId) => [runId, await store.history(runId, 1, ALL)] as const);
  return new Map(await Promise.all(read));
}

/** The same from a server of which nothing is known but its address; nothing is written there. */
export async function readHistoriesAt(
  url: string,
  runIds: readonly RunId[],
): Promise<ReadonlyMap<RunId, readonly RecordedEvent[]>> {
  const redis = new Redis(url);
  try {
    return await readHistories(createRedisStore(redis), runIds);
  } finally {
    redis.disconnect();
  }
}

/** The epoch of the store as it is noted; 0 = never. */
export async function readEpoch(raw: Redis): Promise<number> {
  return Number((await raw.hget('jn:{fleet}:epoch', 'epoch')) ?? 0);
}
