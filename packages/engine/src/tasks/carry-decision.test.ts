import { type JsonObject, type RunId } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  coordinate,
  createTestEngine,
  runOf,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { claimTask, type ClaimedTask } from './claim-task.ts';
import { type Completion, completeTask } from './complete-task.ts';
import { type GoOn } from './go-on.ts';
import { operateRun } from '../operations/operate-run.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { startRun } from '../starts/start-run.ts';

const simple = (ref: string, inputParameters: JsonObject = {}): JsonObject => ({
  name: ref,
  taskReferenceName: ref,
  type: 'SIMPLE',
  inputParameters,
});
const chain = ['a', 'b', 'c'].map((ref) => simple(ref, { of: '${workflow.input.x}' }));
const forkOf = (...branches: readonly JsonObject[][]): JsonObject[] => [
  { name: 'f', taskReferenceName: 'f', type: 'FORK_JOIN', forkTasks: branches },
  {
    name: 'j',
    taskReferenceName: 'j',
    type: 'JOIN',
    joinOn: branches.map((branch) => branch.at(-1)?.['taskReferenceName'] ?? ''),
  },
];

async function start(test: TestEngine, tasks: readonly JsonObject[]): Promise<RunId> {
  await registerDefinition(test.engine, { name: 'flow', tasks: [...tasks] });
  return (await startRun(test.engine, { name: 'flow', input: { x: 7 } })).runId;
}

async function claimOf(test: TestEngine, taskType: string): Promise<ClaimedTask> {
  const job = test.queue.take(taskType);
  if (job === null) throw new Error(`no job of ${taskType}`);
  const claim = await claimTask(test.engine, { job, worker: 'w1', leaseMs: 3_000 });
  if (claim.type !== 'claimed') throw new Error(claim.type);
  return claim;
}

const goOnWith = (...types: readonly string[]): GoOn => ({
  takes: (type) => types.includes(type),
  worker: 'w1',
  leaseMs: 3_000,
  token: `token for ${types.join()}`,
});

function finish(
  test: TestEngine,
  claimed: ClaimedTask,
  {
    goOn = null,
    status = 'COMPLETED',
  }: { goOn?: GoOn | null; status?: 'COMPLETED' | 'FAILED' } = {},
): Promise<Completion> {
  const { run, row, token } = claimed;
  const identity = { runId: run.id, key: row.key, attempt: row.attempt, token };
  const result = { ...identity, status, output: { by: row.key }, reason: '' };
  return completeTask(test.engine, result, { claimed, goOn });
}

const throwing = (): never => {
  throw new TypeError('a mapper with a bug');
};

describe('a result that carries what follows from it', () => {
  it('schedules the next task in the same step, and its job is there', async () => {
    const test = createTestEngine();
    const runId = await start(test, chain);
    const reply = await finish(test, await claimOf(test, 'a'));
    expect(reply).toMatchObject({ type: 'decided', isDirty: false, status: 'RUNNING' });
    expect(await coordinate(test.engine)).toEqual([]);
    expect((await claimOf(test, 'b')).input).toEqual({ of: 7 });
    expect(await runOf(test.engine, runId)).toMatchObject({ decision: 2, open: 1, dirty: 0 });
  });

  it('goes on through a chain to the end of the run, without a job', async () => {
    const test = createTestEngine();
    const runId = await start(test, chain);
    let claimed: ClaimedTask | undefined = await claimOf(test, 'a');
    const visited: string[] = [];
    while (claimed !== undefined) {
      visited.push(claimed.row.key);
      const reply: Completion = await finish(test, claimed, { goOn: goOnWith('b', 'c') });
      claimed = reply.next;
    }
    expect(visited).toEqual(['a', 'b', 'c']);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'COMPLETED', open: 0 });
    expect(await test.store.payload(runId, 'run:output')).toEqual({ by: 'c' });
    const types = (await test.store.history(runId, 1, 99)).map(({ event }) => event.type);
    expect(types.filter((type) => type === 'task.dispatched')).toHaveLength(1);
    expect(types.filter((type) => type === 'task.started')).toHaveLength(3);
    expect(test.queue.take('b')).toBeNull();
  });

  it('holds the next task under a lease: when the worker dies it is sent to another', async () => {
    const test = createTestEngine();
    const runId = await start(test, chain);
    const { next } = await finish(test, await claimOf(test, 'a'), { goOn: goOnWith('b') });
    expect(next).toMatchObject({ row: { key: 'b', deliveries: 1, rev: 1 }, input: { of: 7 } });
    const watch = (await test.store.readWhole(runId))?.whole;
    expect([...(watch?.leases ?? [])]).toEqual(['b']);
    expect(await test.store.attention(runId)).toMatchObject({ dueAt: test.time.now() + 3_000 });
  });

  it('opens a fork, goes on with the first branch that it may, and sends the others', async () => {
    const test = createTestEngine();
    await start(test, [simple('a'), ...forkOf([simple('x')], [simple('y')]), simple('z')]);
    const { next } = await finish(test, await claimOf(test, 'a'), { goOn: goOnWith('y') });
    expect(next?.row.key).toBe('y');
    expect(test.queue.take('x')?.key).toBe('x');
    expect(test.queue.take('y')).toBeNull();
  });

  it('goes on with nothing when the same decision closes the run', async () => {
    const test = createTestEngine();
    const end = {
      name: 'end',
      taskReferenceName: 'end',
      type: 'TERMINATE',
      inputParameters: { terminationStatus: 'FAILED' },
    };
    const runId = await start(test, [simple('a'), ...forkOf([simple('x')], [end])]);
    const { next } = await finish(test, await claimOf(test, 'a'), { goOn: goOnWith('x') });
    expect(next).toBeUndefined();
    const types = (await test.store.history(runId, 1, 99)).map(({ event }) => event.type);
    expect(types.filter((type) => type === 'task.started')).toHaveLength(1);
    await coordinate(test.engine);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'FAILED', open: 0 });
  });

  it('goes on inside a branch while its neighbour ends: arrivals do not refuse it', async () => {
    const test = createTestEngine();
    await start(test, [...forkOf([simple('p'), simple('q')], [simple('r')])]);
    const first = await claimOf(test, 'p');
    expect(await finish(test, await claimOf(test, 'r'))).toMatchObject({ isDirty: false });
    expect(await finish(test, first)).toMatchObject({ type: 'decided', isDirty: false });
    expect((await claimOf(test, 'q')).run.open).toBe(2);
  });

  it('reads what it was not shown before it decides', async () => {
    const test = createTestEngine();
    await start(test, [simple('a'), simple('b'), simple('c', { of: '${a.output.by}' })]);
    await finish(test, await claimOf(test, 'a'));
    expect(await finish(test, await claimOf(test, 'b'))).toMatchObject({ type: 'decided' });
    expect((await claimOf(test, 'c')).input).toEqual({ of: 'a' });
  });
});

describe('a result is stored alone', () => {
  it('when another decision came in between', async () => {
    const test = createTestEngine();
    await start(test, [...forkOf([simple('p'), simple('q')], [simple('r'), simple('s')])]);
    const [first, second] = [await claimOf(test, 'p'), await claimOf(test, 'r')];
    expect(await finish(test, first)).toMatchObject({ type: 'decided' });
    const reply = await finish(test, second, { goOn: goOnWith('s') });
    expect(reply).toEqual({ type: 'stored', isDirty: true });
    expect(await coordinate(test.engine)).toContain('decided');
    expect((await claimOf(test, 's')).row.key).toBe('s');
  });

  it('when the run is paused: nothing is claimed until it is resumed', async () => {
    const test = createTestEngine();
    const runId = await start(test, chain);
    const claimed = await claimOf(test, 'a');
    await operateRun(test.engine, {
      runId,
      operation: { type: 'pause', reason: '' },
      requestId: 'p',
    });
    const reply = await finish(test, claimed, { goOn: goOnWith('b') });
    expect(reply).toEqual({ type: 'stored', isDirty: true });
    expect((await test.store.rows(runId)).map(({ key }) => key)).toEqual(['a']);
  });

  it.each([
    ['a failure', chain, { status: 'FAILED' } as const],
    ['the end of a branch', forkOf([simple('a')], [simple('y')]), {}],
    [
      'a moment is asked for that only the store knows',
      [simple('a'), simple('b', { at: '${a.endTime}' })],
      {},
    ],
  ])('for %s', async (_what, tasks, more) => {
    const test = createTestEngine();
    await start(test, tasks);
    expect(await finish(test, await claimOf(test, 'a'), more)).toMatchObject({ type: 'stored' });
  });

  it('when it comes from a second delivery: a first may have ended its process by this very decision', async () => {
    const test = createTestEngine();
    await start(test, chain);
    const claimed = await claimOf(test, 'a');
    const again = { ...claimed, row: { ...claimed.row, deliveries: 2 } };
    expect(await finish(test, again)).toMatchObject({ type: 'stored', isDirty: true });
  });

  it('when the decider throws: whoever decides on the whole run says why, and ends it', async () => {
    const test = createTestEngine();
    const runId = await start(test, chain);
    const claimed = await claimOf(test, 'a');
    const broken = { ...test, engine: test.another({ decide: throwing }) };
    expect(await finish(broken, claimed)).toEqual({ type: 'stored', isDirty: true });
    await coordinate(broken.engine);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'FAILED' });
  });

  it('when the next task meets a join that is there, which others may reach at the same time', async () => {
    const test = createTestEngine();
    const noop = { name: 'n', taskReferenceName: 'n', type: 'NOOP' };
    await start(test, [...forkOf([simple('p'), noop], [simple('r')])]);
    expect(await finish(test, await claimOf(test, 'p'))).toMatchObject({ type: 'stored' });
  });
});
