import { createSandbox } from '@joinery/sandbox';
import { type EvaluationResult, type JsonObject, type RunId } from '@joinery/core';
import { afterAll, describe, expect, it } from 'vitest';
import {
  claimNext,
  createTestEngine,
  runOf,
  settle,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { completeTask, decideRun, type Evaluator, registerDefinition, startRun } from '../index.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const simple = (ref: string, inputParameters: JsonObject = {}): JsonObject => ({
  name: ref,
  taskReferenceName: ref,
  type: 'SIMPLE',
  inputParameters,
});
const inline = (ref: string, inputParameters: JsonObject): JsonObject => ({
  ...simple(ref, inputParameters),
  type: 'INLINE',
});

async function start(test: TestEngine, tasks: readonly JsonObject[]): Promise<RunId> {
  await registerDefinition(test.engine, { name: 'w', schemaVersion: 2, tasks: [...tasks] });
  return (await startRun(test.engine, { name: 'w', input: { n: 3 } })).runId;
}

describe('a run with scripts', () => {
  it('is led by what they come to', async () => {
    const test = createTestEngine({ evaluator: sandbox });
    const runId = await start(test, [
      inline('double', { n: '${workflow.input.n}', expression: '$.n * 2' }),
      {
        ...simple('choose', { n: '${double.output.result}' }),
        type: 'SWITCH',
        evaluatorType: 'javascript',
        expression: "$.n > 5 ? 'big' : 'small'",
        decisionCases: { big: [simple('big')] },
        defaultCase: [simple('small')],
      },
      {
        ...simple('pick', { list: ['${double.output.result}', 1], queryExpression: '.list | add' }),
        type: 'JSON_JQ_TRANSFORM',
      },
    ]);
    expect(await test.queue.taskTypes()).toEqual(['big']);
    await settle(test);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'COMPLETED' });
    const output = await test.store.payload(runId, 'run:output');
    expect(output).toEqual({ result: 7, resultList: [7] });
  });

  it('stores a result before the script after it has run', async () => {
    const test = createTestEngine({ evaluator: sandbox });
    const runId = await start(test, [simple('a'), inline('s', { expression: '7' })]);
    const claimed = await claimNext(test, 'a');
    const { key, attempt } = claimed.row;
    const result = { status: 'COMPLETED', output: {}, reason: '' } as const;
    const { token } = claimed;
    const reply = await completeTask(
      test.engine,
      { runId, key, attempt, token, ...result },
      { claimed, goOn: null },
    );
    expect(reply.type).toBe('stored');
    await settle(test);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'COMPLETED' });
  });

  it('is decided later when the sandbox cannot work', async () => {
    let isBroken = true;
    const evaluator: Evaluator = {
      async evaluate(): Promise<EvaluationResult> {
        if (isBroken) throw new Error('no thread');
        return { ok: true, value: 1 };
      },
    };
    const test = createTestEngine({ evaluator });
    const runId = await start(test, [simple('a'), inline('s', { expression: '1' })]);
    const { row, token } = await claimNext(test, 'a');
    const result = { status: 'COMPLETED', output: {}, reason: '' } as const;
    const { key, attempt } = row;
    await completeTask(test.engine, { runId, key, attempt, token, ...result });
    await expect(decideRun(test.engine, runId)).rejects.toThrow('no thread');
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'RUNNING' });
    isBroken = false;
    await decideRun(test.engine, runId);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'COMPLETED' });
  });

  it('is not started where nobody runs scripts', async () => {
    const test = createTestEngine();
    await expect(start(test, [inline('s', { expression: '1' })])).rejects.toMatchObject({
      code: 'JN_SCRIPT_NO_EVALUATOR',
    });
  });
});
