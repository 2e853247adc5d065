import { parseRunId } from '@joinery/core';
import { type OpenEngine, openEngine, registerDefinition } from '@joinery/engine';
import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { Queue, QueueEvents } from 'bullmq';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { order, orderTasks } from './fixtures/definitions.ts';
import { endAll, joinery, type JoineryProcess } from './fixtures/joinery-process.ts';

const roles = ['scheduler', 'coordinator', 'sweeper', 'worker', 'server'];
const slow = { withinMs: 60_000 };
let redis: RedisServer;
let cwd: string;
let open: OpenEngine;
let starts: Queue;
let events: QueueEvents;
const processes = new Map<string, JoineryProcess>();

beforeAll(async () => {
  redis = await startRedis();
  cwd = await mkdtemp(join(tmpdir(), 'joinery-roles-'));
  await writeFile(join(cwd, 'tasks.mjs'), orderTasks);
  const env = { REDIS_URL: redis.url, PORT: '0' };
  for (const role of roles) {
    const tasks = role === 'worker' ? ['--tasks', 'tasks.mjs'] : [];
    processes.set(role, joinery([role, ...tasks], { cwd, env }));
  }
  const config = parseConfig({ REDIS_URL: redis.url });
  open = await openEngine({ config, logger: createRecordingLogger(), processId: 'test' });
  const connection = { url: redis.url };
  starts = new Queue('workflow-starts', { connection });
  events = new QueueEvents('workflow-starts', { connection });
  await registerDefinition(open.engine, order);
});

afterAll(async () => {
  await endAll();
  await Promise.all([starts.close(), events.close(), open.close()]);
  await redis[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

// Five processes start from their sources at once: a second each, and far more on a machine that is busy.
describe('one process per role', { timeout: 90_000 }, () => {
  it('shows each of them in the fleet, with the types of the worker', async () => {
    await eventually(async () => {
      const live = await open.fleet.live();
      const ready = live.filter((member) => member.phase === 'ready');
      expect(ready.flatMap((member) => member.roles).toSorted()).toEqual(roles.toSorted());
      const worker = ready.find((member) => member.roles.includes('worker'));
      expect(worker?.taskTypes.toSorted()).toEqual(['HTTP', 'charge', 'ship']);
    }, slow);
  });

  it('takes a run that a plain BullMQ producer asked for to its end', async () => {
    const job = await starts.add('start', { name: 'order', input: { id: 42 } });
    const answer: unknown = await job.waitUntilFinished(events, 60_000);
    expect(answer).toMatchObject({ isNew: true });
    const [summary] = await open.store.list(1);
    const runId = parseRunId(summary?.runId ?? '');
    if (runId === null) throw new Error('there is no run');
    await eventually(async () => {
      expect(await open.store.find(runId)).toMatchObject({ status: 'COMPLETED' });
    }, slow);
    expect(await open.store.payload(runId, 'run:output')).toEqual({ id: 42 });
  });

  it('answers /health in each process', async () => {
    for (const [role, { out, err }] of processes) {
      const url = await eventually(() => {
        const port = /"event":"health.listening","port":(\d+)/.exec(out())?.[1];
        const found = port ? `http://127.0.0.1:${port}` : /ready at (\S+)/.exec(err())?.[1];
        expect(found).toBeDefined();
        return found;
      });
      const answer = await fetch(`${url}/health`);
      expect({ role, status: answer.status }).toEqual({ role, status: 200 });
      expect(await answer.json()).toMatchObject({ healthy: true, role });
    }
  });

  it('ends each of them on SIGTERM with 0, and leaves the fleet empty', async () => {
    const startedAt = performance.now();
    for (const { child } of processes.values()) child.kill('SIGTERM');
    const codes = await Promise.all([...processes.values()].map(({ ended }) => ended));
    expect(codes).toEqual(roles.map(() => 0));
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(await open.fleet.live()).toEqual([]);
  });
});
