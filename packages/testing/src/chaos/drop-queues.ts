import { type RedisClient } from '@joinery/store';
import { Redis } from 'ioredis';
import { eventually } from '../eventually.ts';

/** Deletes every key of BullMQ, as if Redis had forgotten the queues; answers how many jobs went with them. */
export async function dropQueues(redis: RedisClient, prefix = 'bull'): Promise<number> {
  if (!(redis instanceof Redis)) throw new Error('only on one node');
  let jobs = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}:*`, 'COUNT', 1_000);
    cursor = next;
    if (keys.length > 0) await redis.unlink(...keys);
    jobs += keys.filter((key) => /\.\d+\.\d+$/.test(key)).length;
  } while (cursor !== '0');
  return jobs;
}

/** Waits until jobs wait, and deletes every key of BullMQ then; answers how many jobs went with them. */
export async function dropWaiting(redis: RedisClient, withinMs: number): Promise<number> {
  let jobs = 0;
  await eventually(
    async () => {
      jobs = await dropQueues(redis);
      return jobs > 0;
    },
    { withinMs, everyMs: 5 },
  );
  return jobs;
}

/** Deletes the lists of waiting jobs and leaves their data: a queue that looks whole to whoever asks for a job by its id. */
export async function dropLists(
  redis: RedisClient,
  taskType: string,
  prefix = 'bull',
): Promise<number> {
  const queue = `${prefix}:${taskType}`;
  const jobs = await redis.zcard(`${queue}:prioritized`);
  await redis.unlink(`${queue}:prioritized`, `${queue}:wait`);
  return jobs;
}
