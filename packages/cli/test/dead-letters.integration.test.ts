import { type RunId, taskIdOf } from '@joinery/core';
import {
  claimTask,
  completeTask,
  decideRun,
  listDeadLetters,
  openEngine,
  type OpenEngine,
  registerDefinition,
  startRun,
} from '@joinery/engine';
import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { createReplayRunner } from '@joinery/scheduler';
import { createIndexer } from '@joinery/sweeper';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli } from './fixtures/test-terminal.ts';

let redis: RedisServer;
let open: OpenEngine;
let services: readonly ReturnType<typeof createReplayRunner>[];

beforeAll(async () => {
  redis = await startRedis();
  const config = parseConfig({ REDIS_URL: redis.url });
  open = await openEngine({ config, logger: createRecordingLogger(), processId: 'test' });
  const { engine, index, deadLetters } = open;
  services = [createIndexer(engine, index, { deadLetters }), createReplayRunner(open)];
  for (const service of services) await service.start(new AbortController().signal);
  const task = { name: 'pay', taskReferenceName: 'pay', type: 'SIMPLE' };
  await registerDefinition(engine, { name: 'order', tasks: [task] });
});
afterAll(async () => {
  for (const service of services) await service.stop();
  await open.close();
  await redis[Symbol.asyncDispose]();
});

/** A run whose only task has failed for good. */
async function failedRun(): Promise<RunId> {
  const { engine } = open;
  const { runId } = await startRun(engine, { name: 'order' });
  const [row] = await open.store.rows(runId);
  if (row === undefined) throw new Error('no task');
  const { key, attempt, dispatch } = row;
  const about = { taskId: taskIdOf(runId, key), taskType: 'pay', ref: 'pay', priority: 0 };
  const job = { runId, key, attempt, dispatch, definition: 'order', ...about };
  const claimed = await claimTask(engine, { job, token: runId, worker: 'w', leaseMs: 10_000 });
  if (claimed.type !== 'claimed') throw new Error(claimed.type);
  const failed = { status: 'FAILED_WITH_TERMINAL_ERROR', output: {}, reason: 'no money' } as const;
  await completeTask(engine, { runId, key, attempt, token: runId, ...failed });
  await decideRun(engine, runId);
  return runId;
}

it('docs/dead-letters.md shows commands that do what it says, one after another', async () => {
  const page = await readFile(new URL('../../../docs/dead-letters.md', import.meta.url), 'utf8');
  const lines = (/```sh\n(.*?)```/s.exec(page)?.[1] ?? '').trim().split('\n');
  expect(lines).toHaveLength(6);
  const shown: string[] = [];
  for (const line of lines) {
    const runId = await failedRun();
    const letter = await eventually(async () => {
      const found = (await listDeadLetters(open)).find((each) => each.runId === runId);
      expect(found).toBeDefined();
      return found;
    });
    const text = line.replace('<letter>', letter?.id ?? '');
    const [, ...args] = [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, a, b]) => a ?? b ?? '');
    const { exitCode, out, err } = await cli(args, { env: { REDIS_URL: redis.url }, cwd: '.' });
    expect({ line, exitCode, err }).toEqual({ line, exitCode: 0, err: [] });
    shown.push(out.join('\n'));
  }
  expect(shown[0]).toMatch(/order +exhausted +open +no money/);
  expect(JSON.parse(shown[1] ?? '')).toMatchObject({ key: 'pay', events: [{ type: 'died' }] });
  await eventually(async () => {
    const closed = await listDeadLetters(open, { status: 'all' });
    const counts = (status: string) => closed.filter((each) => each.status === status).length;
    expect([counts('replayed'), counts('discarded'), counts('open')]).toEqual([5, 1, 0]);
  });
});

function run(...args: readonly string[]) {
  return cli(['dead-letters', ...args], { env: { REDIS_URL: redis.url }, cwd: '.' });
}

it('a letter that is not there is told by its code, and a replay of nothing is wrong usage', async () => {
  const shown = await run('show', 'nobody');
  expect([shown.exitCode, shown.err.join()]).toEqual([
    1,
    expect.stringContaining('JN_LETTER_NOT_FOUND'),
  ]);
  expect((await run('replay')).exitCode).toBe(2);
  expect((await run('discard', 'nobody')).exitCode).toBe(2);
});
