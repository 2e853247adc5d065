import { joineryError } from '@joinery/core';
import { type RedisClient } from './redis-connection.ts';

/** What we ask of a Redis before we trust it with runs. */
export interface RedisFacts {
  readonly version: string;
  /** null when Redis does not tell, as some hosted ones do not. */
  readonly maxmemoryPolicy: string | null;
}

/** BullMQ 6 needs it (LMOVE among others), and so do our scripts. */
const MINIMUM_VERSION = '6.2.0';

/**
 * Refuses a Redis that would lose runs. Fails with JN_REDIS_TOO_OLD or JN_REDIS_EVICTION_POLICY. Needs no more than
 * INFO: CONFIG is often forbidden. On a cluster it asks one node.
 */
export async function checkRedis(redis: RedisClient, address: string): Promise<RedisFacts> {
  const [server, memory] = await Promise.all([redis.info('server'), redis.info('memory')]);
  const facts = readRedisFacts(`${server}\n${memory}`);
  judgeRedis(facts, address);
  return facts;
}

/** Reads the sections `server` and `memory` of INFO. */
export function readRedisFacts(info: string): RedisFacts {
  return {
    version: fieldOf(info, 'redis_version') ?? 'unknown',
    maxmemoryPolicy: fieldOf(info, 'maxmemory_policy'),
  };
}

/** Throws when this Redis will not do. */
export function judgeRedis({ version, maxmemoryPolicy }: RedisFacts, address: string): void {
  if (isOlder(version, MINIMUM_VERSION)) {
    throw joineryError('JN_REDIS_TOO_OLD', { address, found: version, expected: MINIMUM_VERSION });
  }
  if (maxmemoryPolicy !== null && maxmemoryPolicy !== 'noeviction') {
    throw joineryError('JN_REDIS_EVICTION_POLICY', { address, found: maxmemoryPolicy });
  }
}

function fieldOf(info: string, name: string): string | null {
  const line = info.split(/\r?\n/u).find((candidate) => candidate.startsWith(`${name}:`));
  return line?.slice(name.length + 1) ?? null;
}

function isOlder(found: string, expected: string): boolean {
  // A version that is no version (a proxy, a fork) is not known to be enough.
  return found.localeCompare(expected, 'en', { numeric: true }) < 0 || !/^\d/u.test(found);
}
