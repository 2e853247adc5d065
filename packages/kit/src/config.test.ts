import { isJoineryError } from '@joinery/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Environment, parseConfig, readVariables, settings } from './config.ts';

function problemsOf(env: Environment): unknown {
  try {
    parseConfig(env);
  } catch (error) {
    if (isJoineryError(error, 'JN_CONFIG_INVALID')) return error.details['problems'];
    throw error;
  }
  return [];
}

describe('configuration', () => {
  it('picks the listed variables that are set', () => {
    const env = { A: '1', B: '', C: 'no' };
    expect(readVariables(' A, B,MISSING', env)).toEqual({ A: '1', B: '' });
    expect(readVariables('', env)).toEqual({});
    expect(() => parseConfig({ JOINERY_WORKFLOW_ENV: 'A,,B' })).toThrow('JOINERY_WORKFLOW_ENV');
  });

  it('has these defaults', () => {
    expect(parseConfig({})).toEqual({
      redis: { url: undefined, prefix: 'jn' },
      store: { partitions: 16, inlineMaxBytes: 32_768 },
      http: { host: '127.0.0.1', port: 8_080 },
      auth: { keys: [], requestsPerSecond: 0 },
      log: { level: 'info' },
      lock: {
        driver: 'redlock',
        timeToTryMs: 500,
        leaseMs: 60_000,
        retryDelayMs: 50,
        nodes: [],
        force: false,
      },
      worker: {
        concurrency: 50,
        domain: '',
        claimLeaseMs: 3_000,
        beatEveryMs: 1_000,
        maxRedeliveries: 20,
      },
      coordinator: { concurrency: 16, overtakeAfterMs: 1_000 },
      sweeper: {
        intervalMs: 500,
        maxSweepAgeMs: 30_000,
        fullDecideIntervalMs: 60_000,
        calmDecideIntervalMs: 21_600_000,
        batch: 200,
      },
      scheduler: { relayAfterMs: 200 },
      queue: { prefix: 'bull', lockDurationMs: 3_000, stalledIntervalMs: 1_000 },
      shutdown: { drainTimeoutMs: 60_000, onLastEngineExit: 'quiesce', selfFenceMs: 30_000 },
      retention: { completedMs: 86_400_000, otherMs: 604_800_000 },
      limits: { tasksPerRun: 500_000, historyLength: 2_000_000, whenReached: 'fail' },
      workflow: { env: '', secrets: '' },
      outbound: {
        allow: '',
        maxRequestBytes: 1_048_576,
        maxResponseBytes: 1_048_576,
        timeoutMs: 60_000,
        concurrency: 10,
      },
    });
  });

  it('reads every variable, in its own unit', () => {
    const config = parseConfig({
      REDIS_URL: 'redis://user:pass@host:6380/1',
      PORT: '0',
      LOG_LEVEL: 'debug',
      JOINERY_LOCK_TIME_TO_TRY: '2s',
      JOINERY_LOCK_NODES: 'redis://a:1, rediss://b:2,',
      JOINERY_LOCK_FORCE: 'true',
      JOINERY_STORE_INLINE_MAX: '1MB',
      JOINERY_RETENTION_COMPLETED: '1m',
    });
    expect(config.redis.url).toBe('redis://user:pass@host:6380/1');
    expect([config.http.port, config.log.level]).toEqual([0, 'debug']);
    expect(config.lock).toMatchObject({ timeToTryMs: 2_000, force: true });
    expect(config.lock.nodes).toEqual(['redis://a:1', 'rediss://b:2']);
    expect([config.store.inlineMaxBytes, config.retention.completedMs]).toEqual([
      1_048_576, 60_000,
    ]);
  });

  it('takes a variable that is set to nothing as unset', () => {
    const empty = Object.fromEntries(settings.map((setting) => [setting.variable, ' ']));
    expect(parseConfig(empty)).toEqual(parseConfig({}));
  });

  it('accepts each default when it is written out', () => {
    const written = Object.fromEntries(
      settings.map((setting) => [setting.variable, setting.doc.byDefault]),
    );
    expect(parseConfig(written)).toEqual(parseConfig({}));
  });

  it('reports all problems at once: unknown names, wrong values, wrong ranges', () => {
    expect(
      problemsOf({
        JOINERY_LOCK_LEESE: '60s',
        JOINERY_LOCK_LEASE: '60',
        JOINERY_LOCK_DRIVER: 'zookeeper',
        JOINERY_LOCK_FORCE: 'yes',
        JOINERY_WORKER_CONCURRENCY: '0',
        JOINERY_SWEEPER_INTERVAL: '1h',
        JOINERY_REDIS_PREFIX: 'a:b',
      }),
    ).toEqual([
      'JOINERY_LOCK_LEESE is not a setting; did you mean JOINERY_LOCK_LEASE?',
      'JOINERY_REDIS_PREFIX: expected text that fits ^[A-Za-z0-9_-]{1,32}$, found `a:b`',
      'JOINERY_LOCK_DRIVER: expected one of `redlock`, `redis`, `local`, `noop`, found `zookeeper`',
      'JOINERY_LOCK_LEASE: expected a duration such as `500ms`, `60s`, `5m`, `7d`, found `60`',
      'JOINERY_LOCK_FORCE: expected `true` or `false`, found `yes`',
      'JOINERY_WORKER_CONCURRENCY: expected 1 to 10000, found `0`',
      'JOINERY_SWEEPER_INTERVAL: expected 10ms to 10s, found `1h`',
    ]);
  });

  it('reports settings that do not go together', () => {
    expect(
      problemsOf({
        JOINERY_WORKER_BEAT_EVERY: '2s',
        JOINERY_SWEEPER_INTERVAL: '1s',
        JOINERY_SWEEPER_MAX_SWEEP_AGE: '100ms',
        JOINERY_LOCK_DRIVER: 'redis',
        JOINERY_LOCK_NODES: 'redis://a:1',
      }),
    ).toEqual([
      'JOINERY_WORKER_BEAT_EVERY: expected at most half of JOINERY_WORKER_CLAIM_LEASE, found `2s`',
      'JOINERY_SWEEPER_INTERVAL: expected at most JOINERY_SWEEPER_MAX_SWEEP_AGE, found `1s`',
      'JOINERY_LOCK_NODES: expected none: only JOINERY_LOCK_DRIVER=redlock uses lock nodes, found a value that is not shown',
    ]);
  });

  it('does not repeat an address, which may hold a password', () => {
    const problems = problemsOf({
      REDIS_URL: 'http://u:hunter2@h',
      JOINERY_LOCK_NODES: 'u:hunter2@h',
    });
    expect(problems).toHaveLength(2);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  it('reads keys, and repeats none of a wrong list', () => {
    const secret = 'hunter2-hunter2-hunter2';
    const { auth } = parseConfig({
      JOINERY_AUTH_KEYS: `ops:operator:${secret}, me:admin:${secret}`,
    });
    expect(auth.keys).toEqual([
      { id: 'ops', role: 'operator', secret },
      { id: 'me', role: 'admin', secret },
    ]);
    for (const keys of [
      `ops:boss:${secret}`,
      'ops:admin:short',
      `a:admin:${secret},a:viewer:${secret}`,
    ]) {
      const problems = problemsOf({ JOINERY_AUTH_KEYS: keys });
      expect(problems).toEqual([expect.stringMatching(/^JOINERY_AUTH_KEYS: expected/u)]);
      expect(JSON.stringify(problems)).not.toContain('hunter2');
    }
  });

  it('answers whatever is set with a configuration or with named problems, and nothing else', () => {
    const names = fc.constantFrom(
      ...settings.map((setting) => setting.variable),
      'JOINERY_X',
      'HOME',
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.string(), { maxKeys: 5 }), (env) => {
        expect(Array.isArray(problemsOf(env))).toBe(true);
      }),
    );
  });
});
