import { z } from 'zod';
import { type RedisClient } from '../script.ts';
import { type TaskLogs } from '../task-logs.ts';
import { persist } from './persist.ts';
import { createRedisScope, type RedisStoreOptions } from './redis-scope.ts';

const KEPT_LINES = 1_000;
/** Ended runs are kept 7 days at the longest by default: their logs should not outlive them by much. */
const KEPT_SECONDS = 7 * 86_400;

const stored = z.tuple([z.number(), z.string()]);

/** Task logs in Redis. Not below a purge: each log has an end of its own. */
export function createRedisTaskLogs(redis: RedisClient, options: RedisStoreOptions = {}): TaskLogs {
  const scope = createRedisScope(redis, options);
  return {
    async append(runId, taskId, lines) {
      if (lines.length === 0) return;
      const key = scope.keys.taskLog(runId, taskId);
      const texts = lines.slice(-KEPT_LINES).map(({ at, text }) => JSON.stringify([at, text]));
      await persist(scope, 'RPUSH', async () => {
        const all = redis
          .multi()
          .rpush(key, ...texts)
          .ltrim(key, -KEPT_LINES, -1);
        const replies = await all.expire(key, KEPT_SECONDS).exec();
        for (const [error] of replies ?? []) if (error !== null) throw error;
      });
    },
    async list(runId, taskId) {
      const key = scope.keys.taskLog(runId, taskId);
      const texts = await persist(scope, 'LRANGE', () => redis.lrange(key, 0, -1));
      return texts.map((line) => {
        const [at, text] = stored.parse(JSON.parse(line));
        return { at, text };
      });
    },
  };
}
