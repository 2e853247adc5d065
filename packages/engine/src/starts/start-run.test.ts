import { isJoineryError, type JsonObject, partitionOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  createTestEngine,
  forkDefinition,
  runOf,
  settle,
  startFork,
} from '../../test/fixtures/test-engine.ts';
import { registerDefinition, registerTaskDefinition } from '../definitions/register-definition.ts';
import { newRunId } from './create-run.ts';
import { startRun } from './start-run.ts';

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return isJoineryError(error) ? error.code : String(error);
  }
  return 'none';
}

describe('starting a run', () => {
  it('writes the run with its first tasks and hands their jobs on', async () => {
    const { engine, queue, store } = createTestEngine();
    const { runId, isNew } = await startFork(engine, { correlationId: 'c', priority: 7 });
    expect(isNew).toBe(true);
    const run = await runOf(engine, runId);
    expect(run).toMatchObject({ status: 'RUNNING', correlationId: 'c', priority: 7 });
    expect(await queue.taskTypes()).toEqual(['a', 'b', 'c']);
    // Ours: higher first. BullMQ's: lower first.
    expect(queue.take('a')).toMatchObject({ runId, attempt: 1, dispatch: 1, priority: 93 });
    await engine.sentMarks.flush();
    expect(await store.unsent(partitionOf(runId), 0, 10)).toEqual([]);
  });

  it('fills what the input lacks from the template, and takes a null as given', async () => {
    const { engine } = createTestEngine();
    const inputTemplate = { size: 'm', colour: 'red', note: 'x' };
    await registerDefinition(engine, { ...forkDefinition, inputTemplate });
    const { runId } = await startRun(engine, { name: 'fork', input: { size: 'l', note: null } });
    expect(await engine.store.payload(runId, 'run:input')).toEqual({
      size: 'l',
      colour: 'red',
      note: null,
    });
  });

  it('finds itself when it is repeated with the same run id', async () => {
    const { engine, store } = createTestEngine();
    await registerDefinition(engine, forkDefinition);
    const runId = newRunId(engine, { name: 'fork' });
    const first = await startRun(engine, { name: 'fork', runId });
    const again = await startRun(engine, { name: 'fork', runId });
    expect([first.runId, again.runId]).toEqual([runId, runId]);
    expect(await store.list(10)).toHaveLength(1);
  });

  it('meets its equals in one partition and answers by the strategy', async () => {
    const test = createTestEngine();
    const { engine } = test;
    const first = await startFork(engine, { idempotencyKey: 'k' });
    const request = { name: 'fork', idempotencyKey: 'k' };
    expect(await startRun(engine, request)).toEqual({ runId: first.runId, isNew: false });
    const strategies = ['FAIL', 'FAIL_ON_RUNNING'] as const;
    const codes = async (): Promise<string[]> =>
      Promise.all(
        strategies.map((idempotencyStrategy) =>
          codeOf(startRun(engine, { ...request, idempotencyStrategy })),
        ),
      );
    expect(await codes()).toEqual(['JN_RUN_EXISTS', 'JN_RUN_EXISTS']);
    await settle(test);
    expect(await codes()).toEqual(['JN_RUN_EXISTS', 'none']);
    const other = await startRun(engine, { ...request, idempotencyKey: 'another' });
    expect(other.isNew).toBe(true);
  });

  it('answers by the strategy when the run with its key has been purged', async () => {
    const test = createTestEngine();
    const first = await startFork(test.engine, { idempotencyKey: 'k' });
    await settle(test);
    await test.time.advance(86_400_000);
    const { purged } = await test.store.purge(partitionOf(first.runId), 10);
    expect([purged, await test.store.find(first.runId)]).toEqual([1, null]);
    const request = { name: 'fork', idempotencyKey: 'k' };
    const found = { runId: first.runId, isNew: false };
    expect(await startRun(test.engine, request)).toEqual(found);
    const lenient = { ...request, idempotencyStrategy: 'FAIL_ON_RUNNING' as const };
    expect(await startRun(test.engine, lenient)).toEqual(found);
    const strict = { ...request, idempotencyStrategy: 'FAIL' as const };
    expect(await codeOf(startRun(test.engine, strict))).toBe('JN_RUN_EXISTS');
    await test.time.advance(7 * 86_400_000);
    expect((await startRun(test.engine, strict)).isNew).toBe(true);
  });

  it('keeps to what was registered when it started', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await registerDefinition(test.engine, {
      ...forkDefinition,
      tasks: forkDefinition['tasks'] ?? [],
      description: 'new',
    });
    await registerTaskDefinition(test.engine, { name: 'after', retryCount: 0 });
    const { planId } = await runOf(test.engine, runId);
    const next = await startRun(test.engine, { name: 'fork' });
    expect((await runOf(test.engine, next.runId)).planId).not.toBe(planId);
    await settle({ engine: test.another(), queue: test.queue });
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'COMPLETED', planId });
  });

  it('takes a definition that is not registered, and validates it', async () => {
    const test = createTestEngine();
    const started = await startRun(test.engine, { name: 'fork', definition: forkDefinition });
    await settle(test);
    expect((await runOf(test.engine, started.runId)).status).toBe('COMPLETED');
    const bad = { name: 'bad', tasks: [{ name: 'j', taskReferenceName: 'j', type: 'JOIN' }] };
    const code = await codeOf(startRun(test.engine, { name: 'bad', definition: bad }));
    expect(code).toMatch(/^JN_DEF_/);
    expect(await codeOf(registerDefinition(test.engine, bad))).toBe(code);
  });

  it.each([
    [999, 'none'],
    [1_001, 'JN_REQUEST_INVALID'],
    [100_000, 'JN_REQUEST_INVALID'],
  ])('reads an input that is nested %d deep: %s', async (depth, expected) => {
    const { engine } = createTestEngine();
    await registerDefinition(engine, forkDefinition);
    const input: JsonObject = JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
    expect(await codeOf(startRun(engine, { name: 'fork', input }))).toBe(expected);
  });

  it('refuses an unknown definition, an unknown version and a bad priority', async () => {
    const { engine, store } = createTestEngine();
    await registerDefinition(engine, forkDefinition);
    const refused = [
      { name: 'nobody' },
      { name: 'fork', version: 9 },
      { name: 'fork', priority: 100 },
    ];
    const codes = await Promise.all(refused.map((request) => codeOf(startRun(engine, request))));
    expect(codes).toEqual(['JN_DEF_NOT_FOUND', 'JN_DEF_NOT_FOUND', 'JN_REQUEST_INVALID']);
    expect(await store.list(10)).toEqual([]);
  });
});
