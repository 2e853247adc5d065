import { type JsonObject, type RunId, type RunState } from '@joinery/core';
import { createSandbox } from '@joinery/sandbox';
import { afterAll, describe, expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../test/fixtures/test-engine.ts';
import { claimTask } from '../tasks/claim-task.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { decideRun } from '../decisions/decide-run.ts';
import { registerDefinition } from './register-definition.ts';
import { startRun } from '../starts/start-run.ts';

const sandbox = createSandbox({ limits: { timeoutMs: 1_000 } });
afterAll(() => sandbox.close());

const numbered: JsonObject = {
  type: 'object',
  required: ['n'],
  properties: { n: { type: 'integer', minimum: 1 }, tags: { items: { type: 'string' } } },
};
const schemaOf = (data: JsonObject): JsonObject => ({ name: 's', data });
const checked = (more: JsonObject): JsonObject => ({
  name: 'a',
  taskReferenceName: 'a',
  type: 'SIMPLE',
  inputParameters: { n: '${workflow.input.n}' },
  taskDefinition: { name: 'a', retryCount: 3, enforceSchema: true, ...more },
});

async function begin(
  tasks: readonly JsonObject[],
  { workflow = {}, input = {} }: { workflow?: JsonObject; input?: JsonObject } = {},
): Promise<TestEngine & { readonly runId: RunId }> {
  const test = createTestEngine({ evaluator: sandbox });
  await registerDefinition(test.engine, { name: 'w', tasks, ...workflow });
  const { runId } = await startRun(test.engine, { name: 'w', input });
  return { ...test, runId };
}

/** Completes the task that waits in its queue. */
async function answer(
  { engine, queue, runId }: Awaited<ReturnType<typeof begin>>,
  output: JsonObject,
): Promise<RunState | null> {
  const job = queue.take('a');
  if (job === null) throw new Error('no job');
  const claimed = await claimTask(engine, { job, worker: 'w', leaseMs: 3_000 });
  if (claimed.type !== 'claimed') throw new Error(claimed.type);
  const { key, attempt } = claimed.row;
  const { token } = claimed;
  const result = {
    runId,
    key,
    attempt,
    token,
    status: 'COMPLETED',
    output,
    reason: '',
  } as const;
  await completeTask(engine, result, { claimed, goOn: null });
  await decideRun(engine, runId);
  return engine.store.find(runId);
}

describe('a schema that is enforced', () => {
  it.each<[JsonObject, string]>([
    [{}, 'at the top'],
    [{ n: 0 }, 'at n'],
    [{ n: 'x' }, 'at n'],
    [{ n: 1, tags: ['a', 5] }, 'at tags.1'],
  ])('of a workflow refuses the input %j, and no run begins', async (input, place) => {
    const workflow = { inputSchema: schemaOf(numbered) };
    const test = createTestEngine({ evaluator: sandbox });
    const wait = { name: 'w', taskReferenceName: 'w', type: 'WAIT' };
    await registerDefinition(test.engine, { name: 'w', tasks: [wait], ...workflow });
    await expect(startRun(test.engine, { name: 'w', input })).rejects.toMatchObject({
      code: 'JN_SCHEMA_MISMATCH',
      message: expect.stringContaining(`${place}: `),
    });
    expect(await test.store.list(10)).toEqual([]);
    await startRun(test.engine, { name: 'w', input: { n: 1, tags: ['a'] } });
    expect(await test.store.list(10)).toHaveLength(1);
  });

  it('of a task refuses its input for good, before anybody gets it', async () => {
    const { engine, queue, runId } = await begin([checked({ inputSchema: schemaOf(numbered) })], {
      input: { n: 'x' },
    });
    await decideRun(engine, runId);
    expect(queue.take('a')).toBeNull();
    expect(await engine.store.find(runId)).toMatchObject({
      status: 'FAILED',
      reason: expect.stringMatching(/JN_SCHEMA_MISMATCH: the input of a at n: /u),
    });
  });

  it.each([
    ['in a sequence', (task: JsonObject) => [task]],
    [
      'at the end of a branch',
      (task: JsonObject) => [
        {
          name: 'f',
          taskReferenceName: 'f',
          type: 'FORK_JOIN',
          forkTasks: [[task], [{ name: 'b', taskReferenceName: 'b', type: 'SIMPLE' }]],
        },
        { name: 'j', taskReferenceName: 'j', type: 'JOIN', joinOn: ['a', 'b'] },
      ],
    ],
  ])('of a task %s refuses its output, and it is not retried', async (_where, around) => {
    const task = checked({ outputSchema: schemaOf(numbered) });
    const test = await begin(around(task), { input: { n: 1 } });
    expect(await answer(test, { n: -1 })).toMatchObject({
      status: 'FAILED',
      reason: expect.stringMatching(/FAILED.*JN_SCHEMA_MISMATCH: the output of a at n: /u),
    });
    const row = (await test.store.rows(test.runId)).find(({ ref }) => ref === 'a');
    expect(row).toMatchObject({ status: 'FAILED_WITH_TERMINAL_ERROR', attempt: 1 });
  });

  it('lets pass what fits', async () => {
    const schemas = { inputSchema: schemaOf(numbered), outputSchema: schemaOf(numbered) };
    const workflow = { outputSchema: schemaOf(numbered) };
    const test = await begin([checked(schemas)], { input: { n: 1 }, workflow });
    expect(await answer(test, { n: 2 })).toMatchObject({ status: 'COMPLETED', reason: '' });
  });

  it('of a workflow refuses its output: the run fails', async () => {
    const test = await begin([checked({})], { workflow: { outputSchema: schemaOf(numbered) } });
    expect(await answer(test, { n: 'none' })).toMatchObject({
      status: 'FAILED',
      reason: expect.stringMatching(/JN_SCHEMA_MISMATCH: the output of the run at n: /u),
    });
  });

  it.each<[string, JsonObject]>([
    ['has a pattern without end', { properties: { n: { pattern: '^(a+)+$' } } }],
    ['refers to itself for ever', { $ref: '#' }],
    ['refers to elsewhere', { $ref: 'https://schemas.example/x' }],
    ['is a tower of choices', tower(40)],
  ])('that %s fails the task, and holds nobody up', async (_what, data) => {
    const task = checked({ inputSchema: schemaOf(data) });
    const { engine, runId } = await begin([task], { input: { n: `${'a'.repeat(40)}!` } });
    await decideRun(engine, runId);
    expect(await engine.store.find(runId)).toMatchObject({
      status: 'FAILED',
      reason: expect.stringContaining('JN_SCHEMA_MISMATCH: the schema of the input of a'),
    });
  });

  it('that is not enforced is not applied', async () => {
    const task = checked({ inputSchema: schemaOf(numbered), enforceSchema: false });
    const { queue } = await begin([task], { input: { n: 'x' } });
    expect(queue.take('a')).not.toBeNull();
  });
});

function tower(height: number): JsonObject {
  const levels = Array.from({ length: height }, (_none, level): [string, JsonObject] => {
    const $ref = `#/$defs/l${level + 1}`;
    return [`l${level}`, { anyOf: [{ $ref }, { $ref }] }];
  });
  return { $ref: '#/$defs/l0', $defs: { ...Object.fromEntries(levels), [`l${height}`]: false } };
}
