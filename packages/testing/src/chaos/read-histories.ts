import { type RecordedEvent, type RunId } from '@joinery/core';
import { type RunStore } from '@joinery/store';
import { type Redis } from 'ioredis';

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

/** The epoch of the store as it is noted; 0 = never. */
export async function readEpoch(raw: Redis): Promise<number> {
  return Number((await raw.hget('jn:{fleet}:epoch', 'epoch')) ?? 0);
}
