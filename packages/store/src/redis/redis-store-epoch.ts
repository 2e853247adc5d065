import { z } from 'zod';
import { defineScript, type RedisClient, taggedReply } from '../script.ts';
import { type StoreEpoch } from '../store-epoch.ts';
import { persist } from './persist.ts';
import {
  callScript,
  createRedisScope,
  type RedisStoreOptions,
  type ScriptKeys,
} from './redis-scope.ts';

const noteScript = defineScript({
  name: 'note-identity',
  keys: (keys: ScriptKeys) => keys,
  args: (identity: string) => [identity],
  reply: taggedReply({ noted: { epoch: z.number(), changed: z.number() } }),
});

/** The epoch of the store in Redis. On Cluster it follows the node that answers INFO. */
export function createRedisStoreEpoch(
  redis: RedisClient,
  options: RedisStoreOptions = {},
): StoreEpoch {
  const scope = createRedisScope(redis, options);
  const key = scope.keys.epoch;
  return {
    async peek() {
      const [server, replication, known] = await persist(scope, 'INFO', () =>
        Promise.all([redis.info('server'), redis.info('replication'), redis.hgetall(key)]),
      );
      const identity = `${field(server, 'run_id')} ${field(replication, 'master_replid')}`;
      const isNew = known['identity'] !== undefined && known['identity'] !== identity;
      return { identity, isNew, epoch: Number(known['epoch'] ?? 0) };
    },
    async note(identity) {
      const { epoch, changed } = await callScript(scope, noteScript, [key], identity);
      return { epoch, isNew: changed === 1 };
    },
  };
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
}
