import { registerDefinition, type OpenEngine, openEngine } from '@joinery/engine';
import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { Queue } from 'bullmq';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { order, orderTasks } from './fixtures/definitions.ts';
import { cli, type CliResult } from './fixtures/test-terminal.ts';

let redis: RedisServer;
let cwd: string;
let open: OpenEngine;
let starts: Queue;
let all: Promise<CliResult>;
const leaving = new AbortController();

beforeAll(async () => {
  redis = await startRedis();
  cwd = await mkdtemp(join(tmpdir(), 'joinery-starts-'));
  await writeFile(join(cwd, 'tasks.mjs'), orderTasks);
  const env = { REDIS_URL: redis.url, LOG_LEVEL: 'silent' };
  const logger = createRecordingLogger();
  open = await openEngine({ config: parseConfig(env), logger, processId: 'test' });
  await registerDefinition(open.engine, order);
  starts = new Queue('workflow-starts', { connection: { url: redis.url } });
  const { signal } = leaving;
  all = cli(['all', '--port', '0', '--tasks', 'tasks.mjs'], { env, cwd, signal });
});

afterAll(async () => {
  leaving.abort();
  await all;
  await starts.close();
  await open.close();
  await redis[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

describe('the start queue of `joinery all`', () => {
  it('takes a run that a plain BullMQ producer asked for to its end', async () => {
    const job = await starts.add('start', { name: 'order', input: { id: 42 } });
    const run = await eventually(
      async () => {
        expect(await job.getState()).toBe('completed');
        const [found] = await open.store.list(10);
        expect(found?.status).toBe('COMPLETED');
        return found;
      },
      { withinMs: 20_000 },
    );
    if (!run) throw new Error('there is no run');
    expect(await open.store.payload(run.runId, 'run:output')).toEqual({ id: 42 });
    const done = (await starts.getCompleted()).find(({ id }) => id === job.id);
    expect(done?.returnvalue).toEqual({ runId: run.runId, isNew: true });
  });

  it.each([
    [{ input: {} }, 'JN_REQUEST_INVALID: '],
    [{ name: 'unknown' }, 'JN_DEF_NOT_FOUND: '],
    ['no object', 'JN_REQUEST_INVALID: '],
  ])('puts the bad request %o into the failed set as %s', async (payload, code) => {
    const job = await starts.add('start', payload);
    await eventually(
      async () => {
        expect(await job.getState()).toBe('failed');
      },
      { withinMs: 20_000 },
    );
    const failed = (await starts.getFailed()).find(({ id }) => id === job.id);
    expect(failed?.failedReason).toMatch(new RegExp(`^${code}`));
  });
});
