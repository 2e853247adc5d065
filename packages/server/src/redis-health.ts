import { type HealthReport } from '@joinery/kit';
import { type RedisClient } from '@joinery/queues';

/**
 * Looks at the Redis that everything rests on. Healthy: it answers, keeps every key and can write its append-only file.
 * `aofDelayedFsync` that grows means that acknowledged transitions may be lost with the machine's power.
 */
export async function checkRedisHealth(redis: RedisClient): Promise<HealthReport> {
  const info = (section: string): Promise<string> => redis.info(section);
  const sections = await Promise.all(['server', 'memory', 'persistence'].map(info));
  return readRedisHealth(sections.join('\n'));
}

/** Reads the sections `server`, `memory` and `persistence` of INFO. */
export function readRedisHealth(info: string): HealthReport {
  const fields = new Map(info.split(/\r?\n/).map(fieldOf));
  const policy = fields.get('maxmemory_policy') ?? 'unknown';
  const isLoading = fields.get('loading') === '1';
  const isAofOn = fields.get('aof_enabled') === '1';
  const aofWrite = fields.get('aof_last_write_status') ?? 'ok';
  const problems = [
    ...(isLoading ? ['it is loading its data'] : []),
    // Hosted ones do not always tell.
    ...(policy === 'noeviction' || policy === 'unknown' ? [] : [`it may evict runs (${policy})`]),
    ...(aofWrite === 'ok' ? [] : ['it cannot write its append-only file']),
  ];
  const details = {
    version: fields.get('redis_version') ?? 'unknown',
    maxmemoryPolicy: policy,
    usedMemoryBytes: Number(fields.get('used_memory') ?? 0),
    isAofOn,
    aofDelayedFsync: Number(fields.get('aof_delayed_fsync') ?? 0),
    problems,
  };
  return { isHealthy: problems.length === 0, details: { redis: details } };
}

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1)];
}
