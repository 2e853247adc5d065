import { type Logger } from '@joinery/kit';
import { coalesceWrites } from './coalesce-writes.ts';
import { type Cluster, Redis, type RedisOptions } from 'ioredis';

/** One node or a cluster; everything here works with both. */
export type RedisClient = Redis | Cluster;

/**
 * The waits between two tries to reconnect: 50 ms doubling to 1 s, for ever. BullMQ's own (to 20 s) leaves workers deaf
 * for up to 20 s after Redis is back; less than 1 s would be a storm with many workers.
 */
export function reconnectDelayMs(tryCount: number): number {
  return Math.min(50 * 2 ** Math.min(tryCount - 1, 10), 1_000);
}

const connectionOptions: RedisOptions = {
  // Commands wait for Redis to come back; callers set their own deadlines. BullMQ's blocking reads need it.
  maxRetriesPerRequest: null,
  retryStrategy: reconnectDelayMs,
  // A peer that vanished without a word: must exceed BullMQ's longest blocking read, which is 10 s.
  socketTimeout: 15_000,
  keepAlive: 10_000,
};

/** Opens a connection as BullMQ needs it. Its errors become log events; it reconnects by itself. */
export function connectRedis(url: string, log: Logger): Redis {
  const client = new Redis(url, connectionOptions);
  // At each connection: its socket is a new one.
  client.on('connect', () => coalesceWrites(client.stream));
  client.on('error', (err: Error) => {
    log.warn({ event: 'redis-connection.failed', err }, 'the connection to Redis failed');
  });
  return client;
}
