import { readFileSync } from 'node:fs';
import { parseConfig, settings } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const here = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const roles = ['scheduler', 'worker', 'coordinator', 'sweeper', 'server'];

const service = z.object({
  image: z.string().optional(),
  command: z.string().optional(),
  build: z.object({ context: z.literal('.'), target: z.string() }).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  deploy: z.object({ replicas: z.number() }).optional(),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }),
});
const compose = z
  .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(here('docker-compose.yml'), { merge: true }));
const ours = roles.map((role) => ({ role, ...service.parse(compose.services[role]) }));

describe('docker-compose.yml', () => {
  it('has Redis and every role once, the worker twice', () => {
    expect(Object.keys(compose.services).toSorted()).toEqual(['redis', ...roles].toSorted());
    expect(compose.services['worker']?.deploy?.replicas).toBe(2);
  });

  it('keeps runs in an append-only file that nothing is evicted from', () => {
    const redis = compose.services['redis'];
    expect(redis?.image).toMatch(/^redis:7/);
    expect(redis?.command).toBe('redis-server --appendonly yes --maxmemory-policy noeviction');
    expect(Object.keys(compose.volumes)).toEqual(['redis-data']);
    expect(redis?.ports).toEqual([]);
  });

  it('runs each role as `joinery <role>`, by the target of its name', () => {
    const dockerfile = here('Dockerfile');
    expect(dockerfile).toContain('ENTRYPOINT ["joinery"]');
    for (const { role, build, command } of ours) {
      expect({ role, target: build?.target, command }).toEqual({
        role,
        target: role,
        command: undefined,
      });
      const stage = dockerfile.split(`FROM joinery AS ${role}\n`)[1]?.split('\n')[0];
      expect(stage).toMatch(new RegExp(`^CMD \\["${role}"`));
    }
  });

  it('sets only what the configuration knows, to values that it takes', () => {
    const known = settings.map((setting) => setting.variable);
    for (const { environment } of ours) {
      expect(known).toEqual(expect.arrayContaining(Object.keys(environment)));
      expect(parseConfig(environment).redis.url).toBe('redis://redis:6379');
    }
  });

  it('opens the server alone, on loopback, at the port that is documented', () => {
    for (const { role, ports } of ours) {
      expect({ role, ports }).toEqual({
        role,
        ports: role === 'server' ? ['127.0.0.1:8080:8080'] : [],
      });
    }
    expect(parseConfig(compose.services['server']?.environment ?? {}).http.port).toBe(8_080);
  });

  it('asks every role for /health at its port, and starts it when Redis answers', () => {
    for (const { environment, healthcheck, depends_on: needs } of ours) {
      const { port } = parseConfig(environment).http;
      expect(healthcheck.test.at(-1)).toContain(`http://127.0.0.1:${port}/health`);
      expect(needs).toEqual({ redis: { condition: 'service_healthy' } });
    }
  });

  it('kills no container before it has had its time to drain', () => {
    for (const { environment, stop_grace_period: grace } of ours) {
      const graceMs = Number(grace?.replace(/s$/, '')) * 1_000;
      // Each of a handful of services may take up to five seconds to let go, see createServiceGroup.
      expect(graceMs).toBeGreaterThan(parseConfig(environment).shutdown.drainTimeoutMs + 10_000);
    }
  });
});
