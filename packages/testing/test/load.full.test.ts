import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { measureIdlePolls } from '../src/load/idle-polls.ts';
import { loadServer } from '../src/load/load-server.ts';
import { type ServerProcess, startServerProcess } from '../src/load/server-process.ts';
import { measured } from '../src/measured.ts';
import { type RedisServer, startRedis } from '../src/redis-server.ts';

let redis: RedisServer;
let server: ServerProcess;
// Each has its own: what a load leaves behind is cleared away for a while.
beforeEach(async () => {
  redis = await startRedis({ appendonly: true });
  server = await startServerProcess(redis.url);
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

it('500 long-polling workers and 200 starts a second meet no error, and every run completes', async () => {
  const shape = { workers: 500, startsPerSecond: 200, forMs: 10_000 };
  const report = await loadServer(server, shape);
  measured('load', { ...report });
  expect(report.errors).toEqual([]);
  expect({ started: report.started, completed: report.completed }).toEqual({
    started: 2_000,
    completed: 2_000,
  });
});

it('1,000 workers that wait cost Redis no more than ten do', async () => {
  const client = new Redis(redis.url);
  const report = await measureIdlePolls(server, client, { polls: 1_000, forMs: 5_000 });
  client.disconnect();
  measured('idle polls', { ...report });
  expect(report.errors).toEqual([]);
  // Promised: none a waiter and second; a tenth of one would be a hundred a second here.
  expect(report.commandsPerSecond - report.commandsPerSecondOfFew).toBeLessThan(100);
  // Promised: less than 5 % of a core more; ten times that finds a loop.
  expect(report.cpuShare - report.cpuShareOfFew).toBeLessThan(0.5);
});
