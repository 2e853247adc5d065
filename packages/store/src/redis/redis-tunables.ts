import { type RedisClient } from '../script.ts';
import { type TunableStore } from '../tunables.ts';
import { persist } from './persist.ts';
import { createRedisScope, type RedisStoreOptions } from './redis-scope.ts';

/** Tunables in Redis. */
export function createRedisTunables(
  redis: RedisClient,
  options: RedisStoreOptions = {},
): TunableStore {
  const scope = createRedisScope(redis, options);
  const key = scope.keys.tunables;
  return {
    get: (name) => persist(scope, 'HGET', () => redis.hget(key, name)),
    all: () => persist(scope, 'HGETALL', () => redis.hgetall(key)),
    set: async (name, value) => {
      await persist(scope, 'HSET', () => redis.hset(key, name, value));
    },
  };
}
