import { describe, expect, it } from 'vitest';
import { readRedisHealth } from './redis-health.ts';

const good = [
  '# Server',
  'redis_version:7.0.15',
  'maxmemory_policy:noeviction',
  'used_memory:1024',
  'loading:0',
  'aof_enabled:1',
  'aof_last_write_status:ok',
  'aof_delayed_fsync:3',
].join('\r\n');

describe('the health of Redis', () => {
  it('shows version, policy and delayed syncs', () => {
    expect(readRedisHealth(good)).toEqual({
      isHealthy: true,
      details: {
        redis: {
          version: '7.0.15',
          maxmemoryPolicy: 'noeviction',
          usedMemoryBytes: 1_024,
          isAofOn: true,
          aofDelayedFsync: 3,
          problems: [],
        },
      },
    });
  });

  it.each([
    ['noeviction', 'allkeys-lru', 'it may evict runs (allkeys-lru)'],
    ['loading:0', 'loading:1', 'it is loading its data'],
    ['status:ok', 'status:err', 'it cannot write its append-only file'],
  ])('is bad when %s is %s', (from, to, problem) => {
    const { isHealthy, details } = readRedisHealth(good.replace(from, to));
    expect(isHealthy).toBe(false);
    expect(details['redis']).toMatchObject({ problems: [problem] });
  });

  it('is not bad because a hosted Redis keeps its policy to itself', () => {
    expect(readRedisHealth('redis_version:7.2.0').isHealthy).toBe(true);
  });
});
