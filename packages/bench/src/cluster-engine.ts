import { createEngine, type Engine } from '@joinery/engine';
import { type Logger, systemClock, systemEntropy } from '@joinery/kit';
import { createBullmqJobQueue, type RedisClient } from '@joinery/queues';
import {
  createRedisDefinitionStore,
  createRedisNudges,
  createRedisStore,
  type RunStore,
} from '@joinery/store';
import { Cluster } from 'ioredis';

/** Addresses of Redis Clusters begin so: the configuration of Joinery has none yet. */
export const CLUSTER_SCHEME = 'redis-cluster:';

/** As many as the documentation advises for Redis Cluster. */
export const CLUSTER_PARTITIONS = 256;

/** With a hash tag: each script of BullMQ names several keys of a queue, and all must be in one slot. */
const QUEUE_PREFIX = '{bull}';

/** An engine on a Redis Cluster: the same ports as `openEngine` makes, over a cluster's client. */
export function openClusterEngine(
  url: string,
  { logger, processId }: { readonly logger: Logger; readonly processId: string },
): {
  readonly engine: Engine;
  readonly store: RunStore;
  readonly connect: () => RedisClient;
  readonly queuePrefix: string;
  readonly close: () => Promise<void>;
} {
  const { hostname, port } = new URL(url);
  const connect = (): Cluster => {
    // BullMQ's blocking reads outlast any limit of tries.
    const redisOptions = { maxRetriesPerRequest: null };
    return new Cluster([{ host: hostname, port: Number(port) }], { redisOptions });
  };
  const redis = connect();
  const options = { partitions: CLUSTER_PARTITIONS };
  const store = createRedisStore(redis, options);
  const nudges = createRedisNudges(redis, options);
  const queue = createBullmqJobQueue({ connection: redis, prefix: QUEUE_PREFIX });
  const engine = createEngine({
    store,
    definitions: createRedisDefinitionStore(redis, options),
    queue,
    nudges,
    locks: 'fused',
    clock: systemClock,
    entropy: systemEntropy,
    logger,
    processId,
  });
  return {
    engine,
    store,
    connect,
    queuePrefix: QUEUE_PREFIX,
    async close() {
      await engine.close();
      await Promise.all([nudges.close(), queue.close()]);
      redis.disconnect();
    },
  };
}
