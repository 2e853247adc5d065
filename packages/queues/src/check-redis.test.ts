import { isJoineryError } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { judgeRedis, readRedisFacts } from './check-redis.ts';

function codeOf(version: string, maxmemoryPolicy: string | null): string {
  try {
    judgeRedis({ version, maxmemoryPolicy }, '127.0.0.1:6379');
  } catch (error) {
    return isJoineryError(error) ? `${error.code} ${error.message}` : String(error);
  }
  return 'accepted';
}

describe('a Redis', () => {
  it.each(['6.2.0', '6.2.14', '7.0.15', '7.2', '8.0.1', '10.0.0', '255.255.255'])(
    'of version %s will do',
    (version) => expect(codeOf(version, 'noeviction')).toBe('accepted'),
  );

  it.each(['6.0.16', '6.1.99', '5.0.14', '2.8.4', 'unknown', ''])(
    'of version "%s" is refused with what was found and what is needed',
    (version) =>
      expect(codeOf(version, 'noeviction')).toMatch(
        /^JN_REDIS_TOO_OLD .*127\.0\.0\.1:6379.*6\.2\.0/u,
      ),
  );

  it.each(['allkeys-lru', 'volatile-ttl', 'allkeys-random'])(
    'that evicts by %s is refused',
    (policy) => {
      expect(codeOf('7.0.0', policy)).toContain(`JN_REDIS_EVICTION_POLICY`);
      expect(codeOf('7.0.0', policy)).toContain(policy);
    },
  );

  it('that does not tell its policy is taken at its word', () => {
    expect(codeOf('7.0.0', null)).toBe('accepted');
  });

  it('is read by whole field names', () => {
    const info = '# Server\r\nold_redis_version:1\r\nredis_version:7.2.4\r\nmaxmemory:0\r\n';
    expect(readRedisFacts(info)).toEqual({ version: '7.2.4', maxmemoryPolicy: null });
    expect(readRedisFacts('maxmemory_policy:noeviction\r\n')).toEqual({
      version: 'unknown',
      maxmemoryPolicy: 'noeviction',
    });
  });
});
