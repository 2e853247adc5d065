/**
 * The ports of a worker that has nothing but the address of a Redis.
 * Ownership: connections and engine are opened by `open` and let go of by `close`; between them they are these ports'.
 */
import { joineryError } from '@joinery/core';
import { createEngine, type Engine } from '@joinery/engine';
import {
  DeadlineError,
  type Logger,
  type Metrics,
  redactUrls,
  systemClock,
  systemEntropy,
  withDeadline,
} from '@joinery/kit';
import { checkRedis, connectRedis, createBullmqJobQueue, type RedisClient } from '@joinery/queues';
import {
  createRedisAgenda,
  createRedisDefinitionStore,
  createRedisFleet,
  createRedisGates,
  createRedisNudges,
  createRedisStore,
  type Fleet,
  type RedisStoreOptions,
} from '@joinery/store';
import { portsOfEngine, verbsOfEngine } from './ports-of-engine.ts';
import type { WorkerPorts } from './worker-ports.ts';

/** Where runs and queues are. Prefixes and partitions must be those of the other processes. */
export interface RedisAddress extends Pick<RedisStoreOptions, 'prefix' | 'partitions'> {
  readonly redisUrl: string;
  /** BullMQ's key prefix. Default `bull`. */
  readonly queuePrefix?: string;
}

/** What such ports need besides the address. */
export interface RedisPortsOptions extends RedisAddress {
  readonly workerId: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

interface Opened {
  readonly engine: Engine;
  readonly fleet: Fleet;
  readonly ports: WorkerPorts;
  /** Throws when this Redis is away or would lose runs. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** How long a start waits for Redis before it says that there is none. */
const openWithinMs = 10_000;

/** Ports that connect when they are opened. */
export function redisPorts(options: RedisPortsOptions): WorkerPorts {
  let opened: Opened | undefined;
  const use = (): Opened => {
    if (opened !== undefined) return opened;
    throw joineryError('JN_INVARIANT_BROKEN', { what: 'a worker', problem: 'it is not started' });
  };
  return {
    verbs: verbsOfEngine(() => use().engine),
    openJobs: (flow) => use().ports.openJobs(flow),
    fleet: {
      beat: (member) => use().fleet.beat(member),
      leave: (id, modeAfter) => use().fleet.leave(id, modeAfter),
    },
    async open() {
      opened ??= openParts(options);
      await opened.check();
    },
    async close() {
      await opened?.close();
    },
  };
}

function openParts(options: RedisPortsOptions): Opened {
  const { redisUrl, queuePrefix, workerId, logger, metrics } = options;
  const connect = (): RedisClient => connectRedis(redisUrl, logger);
  const connection = connect();
  const queueOptions = queuePrefix === undefined ? {} : { prefix: queuePrefix };
  const queue = createBullmqJobQueue({ connection, ...queueOptions });
  const engine = createEngine({
    store: createRedisStore(connection, options),
    definitions: createRedisDefinitionStore(connection, options),
    nudges: createRedisNudges(connection, options),
    gates: createRedisGates(connection, options),
    circuits: createRedisAgenda(connection, { ...options, name: 'circuits' }),
    queue,
    locks: 'fused',
    clock: systemClock,
    entropy: systemEntropy,
    logger,
    metrics,
    processId: workerId,
  });
  return {
    engine,
    fleet: createRedisFleet(connection, options),
    ports: portsOfEngine({ engine, connect, ...(queuePrefix !== undefined && { queuePrefix }) }),
    check: () => checkWithin(connection, redactUrls(redisUrl)),
    async close() {
      try {
        await engine.close();
        await queue.close();
      } finally {
        connection.disconnect();
      }
    },
  };
}

/** The connection tries for ever; a start must not. */
async function checkWithin(connection: RedisClient, address: string): Promise<void> {
  const operation = 'INFO';
  const bound = { what: operation, limitMs: openWithinMs };
  try {
    await withDeadline(() => checkRedis(connection, address), bound);
  } catch (cause) {
    if (!(cause instanceof DeadlineError)) throw cause;
    const details = { address, operation, waitedMs: openWithinMs };
    throw joineryError('JN_REDIS_UNAVAILABLE', details, { cause });
  }
}
