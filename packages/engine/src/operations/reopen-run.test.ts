import { type JsonObject, taskKeyOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  claimNext,
  coordinate,
  createTestEngine,
  forkDefinition,
  runOf,
  settle,
  startFork,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { type ClaimedTask } from '../tasks/claim-task.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { lookAtRuns } from '../looks/look-at-runs.ts';
import { operateRun } from './operate-run.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { restartRun } from '../starts/restart-run.ts';
import { signalRun } from './signal-run.ts';
import { startRun } from '../starts/start-run.ts';

const retry = { type: 'retry', reason: 'mended' } as const;

/** Fails the one attempt that has been claimed, for good. */
async function failFor(test: TestEngine, { row, run, token }: ClaimedTask): Promise<void> {
  const { key, attempt } = row;
  const result = { status: 'FAILED_WITH_TERMINAL_ERROR', output: {}, reason: 'no' } as const;
  await completeTask(test.engine, { runId: run.id, key, attempt, token, ...result });
  await coordinate(test.engine);
}

async function failedFork(test: TestEngine) {
  const { runId } = await startFork(test.engine);
  const claim = await claimNext(test, 'b');
  await failFor(test, claim);
  expect((await runOf(test.engine, runId)).status).toBe('FAILED');
  return { runId, claim };
}

const current = async ({ store }: TestEngine, runId: Parameters<typeof runOf>[1]) =>
  Object.fromEntries(
    (await store.rows(runId))
      .toSorted((a, b) => a.attempt - b.attempt)
      .map(({ key, status, attempt }) => [key, `${status} ${attempt}`]),
  );

describe('a run that has ended', () => {
  it('is retried, and goes on to its end', async () => {
    const test = createTestEngine();
    const { runId } = await failedFork(test);
    expect(await operateRun(test.engine, { runId, operation: retry })).toEqual({
      status: 'RUNNING',
    });
    await settle(test);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'COMPLETED', resetting: null });
    expect(await current(test, runId)).toMatchObject({
      a: 'COMPLETED 2',
      b: 'COMPLETED 2',
      join: 'COMPLETED 1',
      after: 'COMPLETED 1',
    });
  });

  it('takes what a worker of an earlier attempt says for stale, and counts it', async () => {
    const test = createTestEngine();
    const { runId, claim } = await failedFork(test);
    await operateRun(test.engine, { runId, operation: retry });
    await coordinate(test.engine);
    const late = { key: claim.row.key, attempt: 1, token: claim.token, runId };
    const result = { status: 'COMPLETED', output: { late: true }, reason: '' } as const;
    expect(await completeTask(test.engine, { ...late, ...result })).toEqual({ type: 'stale' });
    expect(await current(test, runId)).toMatchObject({ b: 'SCHEDULED 2' });
  });

  it('is finished by others when its operator dies after the operation', async () => {
    const test = createTestEngine();
    const { runId } = await failedFork(test);
    const dying = test.another({
      nudges: { ...test.nudges, push: () => Promise.resolve() },
      crashPoint: (point) => {
        if (point === 'before-relay') throw new Error('killed');
      },
    });
    await operateRun(dying, { runId, operation: retry });
    expect((await runOf(test.engine, runId)).resetting).toMatchObject({ isCleared: true });
    await test.time.advance(1_000);
    for (let partition = 0; partition < 4; partition += 1) await lookAtRuns(test.engine, partition);
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });

  it('is opened again once, however often one request is sent', async () => {
    const test = createTestEngine();
    const { runId } = await failedFork(test);
    const request = { runId, operation: retry, requestId: 'r1' };
    await operateRun(test.engine, request);
    await coordinate(test.engine);
    await failFor(test, await claimNext(test, 'b'));
    expect(await operateRun(test.engine, request)).toEqual({ status: 'FAILED' });
    const again = operateRun(test.engine, { ...request, requestId: 'r2' });
    expect(await again).toEqual({ status: 'RUNNING' });
  });

  it('is neither purged nor forgotten once it is open again', async () => {
    const test = createTestEngine();
    const { runId } = await failedFork(test);
    await test.time.advance(6 * 24 * 3_600_000);
    await operateRun(test.engine, { runId, operation: retry });
    await test.time.advance(2 * 24 * 3_600_000);
    for (let partition = 0; partition < 4; partition += 1) await test.store.purge(partition, 10);
    expect((await runOf(test.engine, runId)).status).toBe('RUNNING');
    expect(await test.store.attention(runId)).not.toBeNull();
  });

  it('is restarted with its own definition, or with the latest', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await settle(test);
    const second: JsonObject = {
      ...forkDefinition,
      version: 2,
      tasks: [{ name: 'only', taskReferenceName: 'only', type: 'SIMPLE' }],
    };
    await registerDefinition(test.engine, second);
    await restartRun(test.engine, { runId, operation: { reason: 'as it was' } });
    await settle(test);
    expect(await current(test, runId)).toMatchObject({ a: 'COMPLETED 2', after: 'COMPLETED 2' });
    await restartRun(test.engine, { runId, operation: { reason: 'new' }, useLatest: true });
    await settle(test);
    expect(await runOf(test.engine, runId)).toMatchObject({
      status: 'COMPLETED',
      definitionVersion: 2,
    });
    expect(await current(test, runId)).toMatchObject({ only: 'COMPLETED 1' });
  });

  it('is rerun from one of its tasks', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await settle(test);
    const operation = { type: 'rerun', key: taskKeyOf('b'), reason: 'again' } as const;
    await operateRun(test.engine, { runId, operation });
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
    expect(await current(test, runId)).toMatchObject({
      a: 'COMPLETED 1',
      b: 'COMPLETED 2',
      after: 'COMPLETED 2',
    });
  });

  it('is not opened again when nothing in it has failed', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await expect(operateRun(test.engine, { runId, operation: retry })).rejects.toMatchObject({
      code: 'JN_RUN_NOT_ENDED',
      details: { operation: 'retry', status: 'RUNNING' },
    });
    await settle(test);
    await expect(operateRun(test.engine, { runId, operation: retry })).rejects.toMatchObject({
      code: 'JN_RUN_NOTHING_TO_RETRY',
    });
  });
});

const wait = (ref: string, type: string): JsonObject => ({
  name: ref,
  taskReferenceName: ref,
  type,
});
const parent: JsonObject = {
  name: 'parent',
  tasks: [
    {
      name: 'c',
      taskReferenceName: 'c',
      type: 'SUB_WORKFLOW',
      subWorkflowParam: { name: 'child' },
    },
    wait('last', 'WAIT'),
  ],
};
const child: JsonObject = { name: 'child', tasks: [wait('y', 'YIELD'), wait('h', 'HUMAN')] };

async function startParent(test: TestEngine) {
  await registerDefinition(test.engine, child);
  await registerDefinition(test.engine, parent);
  const { runId } = await startRun(test.engine, { name: 'parent' });
  await settle(test);
  return runId;
}

describe('a signal', () => {
  it('ends the first task that waits, in the runs below too', async () => {
    const test = createTestEngine();
    const runId = await startParent(test);
    const reached: string[] = [];
    for (let n = 1; n <= 3; n += 1) {
      const found = await signalRun(test.engine, { runId, status: 'COMPLETED', output: { n } });
      reached.push(found?.row.key ?? 'nobody');
      await settle(test);
    }
    expect(reached).toEqual(['y', 'h', 'last']);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
    expect(await test.store.payload(runId, 'o:last')).toEqual({ n: 3 });
    const late = await signalRun(test.engine, { runId, status: 'COMPLETED', output: {} });
    expect(late).toBeNull();
  });

  it('is for the task that it names, may leave it waiting, and says who has sent it', async () => {
    const test = createTestEngine();
    const runId = await startParent(test);
    const to = { runId, task: 'last', output: { n: 1 } } as const;
    expect(await signalRun(test.engine, { ...to, status: 'COMPLETED' })).toBeNull();
    for (let n = 0; n < 2; n += 1) {
      await signalRun(test.engine, { runId, status: 'COMPLETED', output: {} });
      await settle(test);
    }
    const actor = 'ada';
    await signalRun(test.engine, { ...to, status: 'IN_PROGRESS', actor });
    expect(await test.store.payload(runId, 'o:last')).toEqual({ n: 1 });
    expect((await runOf(test.engine, runId)).status).toBe('RUNNING');
    await signalRun(test.engine, {
      ...to,
      status: 'FAILED_WITH_TERMINAL_ERROR',
      reason: 'no',
      actor,
    });
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('FAILED');
    const history = await test.store.history(runId, 1, 100);
    const by = history.filter((each) => each.actor === actor).map(({ event }) => event.type);
    expect(by).toEqual(['task.updated', 'task.completed']);
  });
});
