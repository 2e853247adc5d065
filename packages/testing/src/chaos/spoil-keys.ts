import { partitionOf, type RunId } from '@joinery/core';
import { createKeyBuilder, type RunKeys } from '@joinery/store';
import { type Redis } from 'ioredis';

/** The store's keys under their default names. */
const keys = createKeyBuilder('jn', 16);

/** What can be taken from a run: its own keys, and its entries in those of its partition. */
export const RUN_PARTS = [
  'run',
  'tasks',
  'data',
  'history',
  'outbox',
  'timers',
  'watch',
  'joins',
  'todo',
  'lock',
] as const satisfies readonly (keyof RunKeys)[];
/** One of {@link RUN_PARTS}. */
export type RunPart = (typeof RUN_PARTS)[number];

/** Entries of a run in lists that its partition keeps. */
export const PARTITION_PARTS = ['attention', 'runs', 'unsent'] as const;
/** One of {@link PARTITION_PARTS}. */
export type PartitionPart = (typeof PARTITION_PARTS)[number];

/** Deletes a key of a run; answers whether there was one. */
export async function deletePart(raw: Redis, runId: RunId, part: RunPart): Promise<boolean> {
  return (await raw.del(keys.run(runId)[part])) > 0;
}

/** Deletes the entries of a run from a list of its partition; answers whether there were some. */
export async function deleteEntry(raw: Redis, runId: RunId, part: PartitionPart): Promise<boolean> {
  const key = keys.partition(partitionOf(runId))[part];
  const members = await raw.zrange(key, 0, -1);
  const own = members.filter((member) => member === runId || member.startsWith(`${runId} `));
  return own.length > 0 && (await raw.zrem(key, ...own)) > 0;
}

/** Writes nonsense over a key of a run, or gives it another type, by turns; answers whether there was one. */
export async function spoilPart(
  raw: Redis,
  runId: RunId,
  { part, turn }: { readonly part: RunPart; readonly turn: number },
): Promise<boolean> {
  const key = keys.run(runId)[part];
  const type = await raw.type(key);
  if (type === 'none') return false;
  if (turn % 2 === 1) {
    await raw.multi().del(key).set(key, 'nonsense').exec();
    return true;
  }
  switch (type) {
    case 'hash':
      await spoilFields(raw, key);
      return true;
    case 'list':
      await raw.lset(key, -1, '{nonsense');
      return true;
    case 'zset':
      await raw.zadd(key, 'NX', 1, 'nonsense');
      return true;
    default:
      await raw.set(key, 'nonsense');
      return true;
  }
}

async function spoilFields(raw: Redis, key: string): Promise<void> {
  const fields = await raw.hkeys(key);
  for (const field of fields) await raw.hset(key, field, '{nonsense');
}
