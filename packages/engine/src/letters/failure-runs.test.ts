import { type JsonObject, type RunId, type RunState } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  claimNext,
  createTestEngine,
  settle,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { relayUnsent } from './relay-unsent.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { startRun } from '../starts/start-run.ts';

const simple = (ref: string): JsonObject => ({
  name: ref,
  taskReferenceName: ref,
  type: 'SIMPLE',
  retryCount: 0,
});

const undo: JsonObject = { name: 'undo', tasks: [simple('revert')] };

async function failOne(
  test: TestEngine,
  {
    failureWorkflow = 'undo',
    input = { order: 7 },
  }: { failureWorkflow?: string; input?: JsonObject } = {},
): Promise<RunId> {
  const { engine } = test;
  await registerDefinition(engine, undo);
  await registerDefinition(engine, { name: 'order', tasks: [simple('pay')], failureWorkflow });
  const request = { name: 'order', input, correlationId: 'c', priority: 9 };
  const { runId } = await startRun(engine, request);
  const { row, token } = await claimNext(test, 'pay');
  const { key, attempt } = row;
  const result = { status: 'FAILED', output: { code: 402 }, reason: 'no money' } as const;
  await completeTask(engine, { runId, key, attempt, token, ...result });
  return runId;
}

async function failureRunsOf({ store }: TestEngine, name = 'undo'): Promise<readonly RunState[]> {
  const runs = await store.list(100);
  const found = await Promise.all(runs.map(({ runId }) => store.find(runId)));
  return found.filter((run) => run !== null).filter(({ definition }) => definition === name);
}

describe('a failure workflow', () => {
  it('is started with the input of the failed run, why, where, and the run as it is', async () => {
    const test = createTestEngine();
    const runId = await failOne(test);
    await settle(test);
    const [run] = await failureRunsOf(test);
    expect(run).toMatchObject({
      status: 'COMPLETED',
      correlationId: 'c',
      priority: 9,
      parent: null,
    });
    if (run === undefined) throw new Error('no failure run');
    expect(await test.store.payload(run.id, 'run:input')).toMatchObject({
      order: 7,
      workflowId: runId,
      failureStatus: 'FAILED',
      reason: expect.stringContaining('no money'),
      failureTaskId: `${runId}.pay.1`,
      failedWorkflow: {
        workflowId: runId,
        status: 'FAILED',
        input: { order: 7 },
        output: { 'conductor.failure_workflow': run.id },
        tasks: [{ referenceTaskName: 'pay', status: 'FAILED', outputData: { code: 402 } }],
      },
    });
    expect(test.store.snapshot(runId)?.outbox).toEqual({});
  });

  it.each(['after-commit', 'before-relay', 'before-start', 'after-start', 'after-delivery'])(
    'is started once though processes die %s',
    async (place) => {
      const test = createTestEngine();
      const runId = await failOne(test);
      for (let deaths = 0; deaths < 3; deaths += 1) {
        const dying = test.another({
          crashPoint: (at) => {
            if (at === place) throw new Error(`killed ${place}`);
          },
        });
        await settle({ ...test, engine: dying }).catch((error: unknown) => {
          if (!String(error).includes('killed')) throw error;
        });
      }
      const engine = test.another();
      for (let partition = 0; partition < 4; partition += 1) await relayUnsent(engine, partition);
      await test.time.advance(3_000);
      await engine.nudges.push([runId]);
      for (let partition = 0; partition < 4; partition += 1) await relayUnsent(engine, partition);
      await settle({ ...test, engine });
      expect(await failureRunsOf(test)).toMatchObject([{ status: 'COMPLETED' }]);
      expect(test.store.snapshot(runId)?.outbox).toEqual({});
    },
  );

  it('that is not there is logged, and does not keep the failed run', async () => {
    const test = createTestEngine();
    const runId = await failOne(test, { failureWorkflow: 'nobody' });
    await settle(test);
    expect(test.logger.lines).toContainEqual(
      expect.objectContaining({ event: 'failure-run.refused', runId, definition: 'nobody' }),
    );
    expect(test.store.snapshot(runId)?.outbox).toEqual({});
  });

  it('that fails for ever does not start others for ever', async () => {
    const test = createTestEngine();
    const inputParameters = { terminationStatus: 'FAILED' };
    const end = { name: 't', taskReferenceName: 't', type: 'TERMINATE', inputParameters };
    const self = { name: 'self', tasks: [end], failureWorkflow: 'self' };
    await registerDefinition(test.engine, self);
    await startRun(test.engine, { name: 'self', input: { failureDepth: 0 } });
    await settle(test);
    expect(await failureRunsOf(test, 'self')).toHaveLength(9);
  });

  it('is told of a large run without its payloads', async () => {
    const test = createTestEngine();
    await failOne(test, { input: { text: 'x'.repeat(300_000) } });
    await settle(test);
    const [run] = await failureRunsOf(test);
    if (run === undefined) throw new Error('no failure run');
    const input = JSON.stringify(await test.store.payload(run.id, 'run:input'));
    expect(input.length).toBeLessThan(301_500);
    expect(input).toContain('"reasonForIncompletion"');
  });
});
