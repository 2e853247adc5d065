import { z } from 'zod';
import { type Poll, type PollBook } from '../poll-book.ts';
import { type RedisClient } from '../script.ts';
import { persist } from './persist.ts';
import { createRedisScope, type RedisStoreOptions } from './redis-scope.ts';

const KEPT_MS = 3_600_000;

const stored = z.tuple([z.string(), z.string(), z.string()]);

/** The poll book in Redis: one key for all. */
export function createRedisPollBook(redis: RedisClient, options: RedisStoreOptions = {}): PollBook {
  const scope = createRedisScope(redis, options);
  const key = scope.keys.polls;
  return {
    async note(polls) {
      if (polls.length === 0) return;
      const latest = Math.max(...polls.map(({ at }) => at));
      const scored = polls.flatMap(({ taskType, domain, worker, at }) => [
        at,
        JSON.stringify([taskType, domain, worker]),
      ]);
      await persist(scope, 'ZADD', async () => {
        const both = redis.multi().zadd(key, 'GT', ...scored);
        const replies = await both.zremrangebyscore(key, '-inf', latest - KEPT_MS).exec();
        for (const [error] of replies ?? []) if (error !== null) throw error;
      });
    },
    async list() {
      const flat = await persist(scope, 'ZREVRANGE', () =>
        redis.zrevrange(key, 0, -1, 'WITHSCORES'),
      );
      return flat.flatMap((member, index) =>
        index % 2 === 1 ? [] : [pollOf(member, Number(flat[index + 1]))],
      );
    },
  };
}

function pollOf(member: string, at: number): Poll {
  const [taskType, domain, worker] = stored.parse(JSON.parse(member));
  return { taskType, domain, worker, at };
}
