import { setTimeout as delay } from 'node:timers/promises';
import { isJoineryError, joineryError } from '@joinery/core';
import { backoffDelayMs, DeadlineError, inTime } from '@joinery/kit';
import { type RedisClient } from '../script.ts';

/** What a call needs to know to go on trying. */
export interface Persistence {
  readonly redis: RedisClient;
  readonly options: { readonly deadlineMs: number };
}

/** Small: a failover ends at any moment, and callers hold leases of seconds. */
const BACKOFF = { baseMs: 20, maxMs: 500 };

const REPLY = /^(?:LOADING|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|BUSY|NOREPLICAS)\b/;
const CONNECTION =
  /ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|Connection is closed|Stream isn't writeable|max retries per request|Command timed out|Failed to refresh slots|None of startup nodes|ClusterAllFailed/i;

/**
 * Runs `work` again and again while Redis is loading, moving, failing over or away, until the deadline; then
 * JN_REDIS_UNAVAILABLE. An answer may have been lost, so `work` must bear repetition. Other errors pass.
 */
export async function persist<T>(
  { redis, options }: Persistence,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  let cause: unknown;
  for (let failureCount = 0; ; failureCount += 1) {
    const leftMs = options.deadlineMs - (performance.now() - startedAt);
    if (leftMs <= 0) break;
    try {
      return await inTime(work(), { what, limitMs: leftMs });
    } catch (error) {
      if (error instanceof DeadlineError) cause ??= error;
      else if (isPassing(error)) cause = error;
      else throw named(error, what);
      const waitMs = backoffDelayMs(BACKOFF, failureCount + 1, Math.random());
      await delay(Math.min(waitMs, Math.max(0, leftMs)));
    }
  }
  const details = { address: addressOf(redis), operation: what, waitedMs: options.deadlineMs };
  throw joineryError('JN_REDIS_UNAVAILABLE', details, { cause });
}

/** True for errors that end by themselves. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return REPLY.test(error.message) || CONNECTION.test(`${code} ${error.message}`);
}

/** What a script says of a key that it cannot read becomes the catalogue's error. */
function named(error: unknown, what: string): unknown {
  if (isJoineryError(error) || !(error instanceof Error)) return error;
  const corrupt = /CORRUPT (\S+) (.*)/.exec(error.message);
  if (corrupt === null && !error.message.startsWith('WRONGTYPE')) return error;
  const [key = what, problem = error.message] = corrupt?.slice(1) ?? [];
  const details = { key, problem };
  return joineryError('JN_STORE_CORRUPT', details, { cause: error });
}

function addressOf(redis: RedisClient): string {
  return 'startupNodes' in redis || redis.isCluster
    ? 'the cluster'
    : `${redis.options.host ?? ''}:${redis.options.port ?? ''}`;
}
