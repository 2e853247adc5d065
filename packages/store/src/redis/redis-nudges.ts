/*
 * Ownership: the blocking connections, one for each pop that waits at the same time. The caller's own connection is
 * used for all that does not block, and never closed here.
 * Interface: `Nudges`.
 * Invariants: a pop ends at its wait, its signal or `close`, also when Redis hangs; a nudge that is lost on the way
 * (the connection of a pop that was aborted) costs one sweep and nothing else.
 */
import { type RunId } from '@joinery/core';
import { DeadlineError, withDeadline } from '@joinery/kit';
import { type Nudges } from '../nudges.ts';
import { type RedisClient } from '../script.ts';
import { persist } from './persist.ts';
import { createRedisScope, type RedisScope, type RedisStoreOptions } from './redis-scope.ts';
import { storedRunId } from './stored-names.ts';

/** Nudges kept at most; older ones are dropped, and the sweep does their work. */
const NUDGE_LIMIT = 10_000;
/** Redis answers a blocking pop this much after its time at the latest; later the connection is taken for dead. */
const GRACE_MS = 1_000;

/** Nudges through a Redis list. */
export function createRedisNudges(redis: RedisClient, options: RedisStoreOptions = {}): Nudges {
  const scope = createRedisScope(redis, options);
  const pool = new WaitingPool(redis);
  return {
    push: async (runIds) => {
      if (runIds.length === 0) return;
      await persist(scope, 'push nudges', () =>
        redis
          .multi()
          .lpush(scope.keys.nudges, ...runIds)
          .ltrim(scope.keys.nudges, 0, NUDGE_LIMIT - 1)
          .exec(),
      );
    },
    pop: async (waitMs, limit, signal) => {
      if (signal.aborted || pool.isClosed) return [];
      const ready = await popReady(scope, limit);
      if (ready.length > 0 || waitMs <= 0) return ready;
      const first = await pool.wait(scope.keys.nudges, waitMs, signal);
      if (first === null) return [];
      return [storedRunId.parse(first), ...(await popReady(scope, limit - 1))];
    },
    close: async () => pool.close(),
  };
}

async function popReady(scope: RedisScope, limit: number): Promise<readonly RunId[]> {
  if (limit < 1) return [];
  const found = await persist(scope, 'RPOP', () => scope.redis.rpop(scope.keys.nudges, limit));
  return (found ?? []).map((runId) => storedRunId.parse(runId));
}

/** Connections that block, so that the caller's does not. */
class WaitingPool {
  isClosed = false;
  readonly #redis: RedisClient;
  readonly #idle: RedisClient[] = [];
  readonly #ended = new AbortController();

  constructor(redis: RedisClient) {
    this.#redis = redis;
  }

  async wait(key: string, waitMs: number, signal: AbortSignal): Promise<string | null> {
    const connection = this.#idle.pop() ?? this.#connect();
    const ended = AbortSignal.any([signal, this.#ended.signal]);
    try {
      const popped = await withDeadline(() => connection.brpop(key, waitMs / 1000), {
        what: 'BRPOP',
        limitMs: waitMs + GRACE_MS,
        signal: ended,
      });
      if (this.isClosed) connection.disconnect();
      else this.#idle.push(connection);
      return popped?.[1] ?? null;
    } catch (error) {
      connection.disconnect();
      if (ended.aborted || error instanceof DeadlineError) return null;
      throw error;
    }
  }

  close(): void {
    this.isClosed = true;
    this.#ended.abort();
    for (const connection of this.#idle.splice(0)) connection.disconnect();
  }

  #connect(): RedisClient {
    const connection = this.#redis.duplicate();
    // Each command that fails says so to its caller; an event without a listener would end the process.
    connection.on('error', () => undefined);
    return connection;
  }
}
