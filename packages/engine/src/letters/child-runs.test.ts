import {
  isTerminalRun,
  type JsonObject,
  letterIdOf,
  partitionOf,
  type RunId,
  taskKeyOf,
} from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  createTestEngine,
  runOf,
  settle,
  work,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { deliverLetter } from './deliver-letter.ts';
import { decideRun } from '../decisions/decide-run.ts';
import { explainRun } from '../looks/explain-run.ts';
import { type Engine } from '../engine.ts';
import { lookAtRuns } from '../looks/look-at-runs.ts';
import { operateRun } from '../operations/operate-run.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { relayUnsent } from './relay-unsent.ts';
import { startRun } from '../starts/start-run.ts';

const simple = (ref: string, more: JsonObject = {}): JsonObject => ({
  name: ref,
  taskReferenceName: ref,
  type: 'SIMPLE',
  ...more,
});

const sub = (ref: string, more: JsonObject = {}): JsonObject => ({
  ...simple(ref),
  type: 'SUB_WORKFLOW',
  subWorkflowParam: { name: 'child' },
  inputParameters: { n: '${workflow.input.n}' },
  ...more,
});

const noop = (ref: string): JsonObject => ({ ...simple(ref), type: 'NOOP' });

const child: JsonObject = {
  name: 'child',
  tasks: [simple('work')],
  outputParameters: { doubled: '${workflow.input.n}' },
};

interface Family extends TestEngine {
  readonly parentId: RunId;
}

async function startFamily(
  tasks: readonly JsonObject[],
  { test = createTestEngine(), childOf = child, request = {} } = {},
): Promise<Family> {
  const { engine } = test;
  await registerDefinition(engine, childOf);
  await registerDefinition(engine, { name: 'parent', tasks });
  const input = { n: 7 };
  const { runId } = await startRun(engine, { name: 'parent', input, ...request });
  return { ...test, parentId: runId };
}

async function childIdOf({ store, parentId }: Family, ref: string, attempt = 1): Promise<RunId> {
  const rows = await store.rows(parentId);
  const row = rows.find((each) => each.ref === ref && each.attempt === attempt);
  const runs = await store.list(100);
  const found = runs.find(({ runId }) => runId === row?.token);
  if (found === undefined) throw new Error(`attempt ${attempt} of ${ref} has no run`);
  return found.runId;
}

async function statusesOf({ store, parentId }: Family): Promise<Readonly<Record<string, string>>> {
  const rows = await store.rows(parentId);
  return Object.fromEntries(rows.map((row) => [row.ref, row.status]));
}

/** An engine that loses its process at the n-th time it comes to a place. */
function dying(test: TestEngine, place: string): Engine {
  return test.another({
    crashPoint: (at) => {
      if (at === place) throw new Error(`killed ${place}`);
    },
  });
}

/** What scheduler, sweeper, workers and coordinators make of it, over some time. */
async function heal(test: TestEngine, seconds = 6): Promise<void> {
  const engine = test.another();
  for (let passed = 0; passed < seconds; passed += 1) {
    await test.time.advance(1_000);
    for (let partition = 0; partition < engine.store.partitions; partition += 1) {
      await relayUnsent(engine, partition);
      await lookAtRuns(engine, partition);
    }
    await settle({ engine, queue: test.queue });
  }
}

const start = (startWorkflow: JsonObject): JsonObject => ({
  ...simple('s'),
  type: 'START_WORKFLOW',
  inputParameters: { startWorkflow },
});

async function evaluateInFull(family: Family): Promise<void> {
  await family.time.advance(60_001);
  for (let partition = 0; partition < 4; partition += 1) {
    await lookAtRuns(family.engine, partition);
  }
  await settle(family);
}

async function repairsOf({ store, parentId }: Family): Promise<readonly string[]> {
  const history = await store.history(parentId, 1, 100);
  return history.flatMap(({ event }) => (event.type === 'repair.found' ? [event.kind] : []));
}

describe('a child run', () => {
  it('is started with its input, priority, correlation and parent, and its output is the result', async () => {
    const request = { correlationId: 'c', priority: 9 };
    const family = await startFamily([sub('a'), simple('b')], { request });
    const { store, parentId } = family;
    const childId = await childIdOf(family, 'a');
    const parent = await runOf(family.engine, parentId);
    expect(await store.find(childId)).toMatchObject({
      definition: 'child',
      correlationId: 'c',
      priority: 9,
      traceId: parent.traceId,
      parent: { runId: parentId, key: 'a', attempt: 1, depth: 1 },
    });
    expect(await store.payload(childId, 'run:input')).toEqual({ n: 7 });
    await settle(family);
    expect(await store.payload(parentId, 'o:a')).toEqual({ doubled: 7, subWorkflowId: childId });
    expect(await runOf(family.engine, parentId)).toMatchObject({ status: 'COMPLETED' });
    expect(store.snapshot(childId)?.outbox).toEqual({});
    expect(store.snapshot(parentId)?.outbox).toEqual({});
  });

  it('may live in another partition than its parent', async () => {
    const family = await startFamily(['a', 'b', 'c', 'd', 'e'].map((ref) => sub(ref)));
    await settle(family);
    const runs = await family.store.list(100);
    expect(new Set(runs.map(({ runId }) => runId.slice(0, 2))).size).toBeGreaterThan(1);
    expect(runs.map(({ status }) => status)).toEqual(Array(6).fill('COMPLETED'));
  });

  it('is a definition that is written out, and marked so', async () => {
    const inline = { subWorkflowParam: { workflowDefinition: { ...child, name: 'inline' } } };
    const family = await startFamily([sub('a', inline)]);
    const childId = await childIdOf(family, 'a');
    expect(await family.store.find(childId)).toMatchObject({ definition: 'inline' });
    expect(await family.store.payload(childId, 'run:input')).toEqual({
      n: 7,
      _systemMetadata: { dynamic: true },
    });
  });

  it('that is over at once completes its parent in the same breath', async () => {
    const family = await startFamily([sub('a')], {
      childOf: { name: 'child', tasks: [noop('x')] },
    });
    await settle(family);
    expect(await runOf(family.engine, family.parentId)).toMatchObject({ status: 'COMPLETED' });
  });

  it('that cannot be started fails its task with the reason, and its retries start others', async () => {
    const param = { subWorkflowParam: { name: 'nobody' } };
    const taskDefinition = { name: 'a', retryCount: 1, retryDelaySeconds: 0 };
    const family = await startFamily([sub('a', { ...param, taskDefinition })]);
    await settle(family);
    const run = await runOf(family.engine, family.parentId);
    expect(run.status).toBe('FAILED');
    expect(run.reason).toContain('JN_DEF_NOT_FOUND');
    expect(await family.store.rows(family.parentId)).toHaveLength(2);
    expect(await family.store.list(10)).toHaveLength(1);
  });

  it('is ended with its parent', async () => {
    const family = await startFamily([sub('a')]);
    const childId = await childIdOf(family, 'a');
    const operation = { type: 'terminate', reason: 'enough' } as const;
    await operateRun(family.engine, { runId: family.parentId, operation });
    await settle(family);
    expect(await family.store.find(childId)).toMatchObject({
      status: 'TERMINATED',
      reason: 'Parent workflow has been terminated with reason: enough',
    });
    expect(family.store.snapshot(childId)?.outbox).toEqual({});
    expect(family.store.snapshot(family.parentId)?.outbox).toEqual({});
  });

  it.each([
    ['TERMINATED', 'CANCELED'],
    ['FAILED', 'FAILED'],
  ] as const)('that ends %s makes its task %s', async (status, expected) => {
    const family = await startFamily([sub('a')]);
    const childId = await childIdOf(family, 'a');
    if (status === 'FAILED') {
      await family.store.fail({ runId: childId, reason: 'broken', actor: 'test' });
      await heal(family);
    } else {
      const operation = { type: 'terminate', reason: 'broken' } as const;
      await operateRun(family.engine, { runId: childId, operation });
      await settle(family);
    }
    expect(await statusesOf(family)).toEqual({ a: expected });
    const run = await runOf(family.engine, family.parentId);
    expect(run).toMatchObject({ status });
    expect(run.reason).toContain(`Sub workflow child/1.${childId} failure reason: broken`);
  });

  it('does not grow beyond the depth that is allowed', async () => {
    const self = { name: 'child', tasks: [sub('again')] };
    const family = await startFamily([sub('a')], { childOf: self });
    await heal(family, 3);
    const runs = await family.store.list(100);
    expect(runs).toHaveLength(33);
    expect(runs.every(({ status }) => status === 'FAILED')).toBe(true);
    const records = await Promise.all(runs.map(({ runId }) => runOf(family.engine, runId)));
    const deepest = records.find(({ parent }) => parent?.depth === 32);
    expect(deepest?.reason).toContain('JN_RUN_TOO_DEEP');
  });

  it('is named by whoever explains its parent', async () => {
    const family = await startFamily([sub('a')]);
    const childId = await childIdOf(family, 'a');
    const fleet = { live: async () => [] };
    const explained = await explainRun(family.engine, fleet, family.parentId);
    expect(explained?.tasks).toMatchObject([{ wait: { state: 'child', runId: childId } }]);
    expect(explained?.causes.join()).toContain(childId);
  });
});

describe('a process that dies', () => {
  it.each(['before-relay', 'after-start', 'before-start', 'after-delivery'])(
    '%s of a child leaves exactly one run per attempt, and the parent completes',
    async (place) => {
      const test = createTestEngine();
      await registerDefinition(test.engine, child);
      const tasks = [simple('first'), sub('a'), sub('b')];
      await registerDefinition(test.engine, { name: 'parent', tasks });
      const { runId } = await startRun(test.engine, { name: 'parent', input: { n: 7 } });
      const family = { ...test, parentId: runId };
      await work(test.engine, test.queue);
      await decideRun(dying(test, place), runId).catch(() => undefined);
      await heal(test, 12);
      expect(await statusesOf(family)).toEqual({
        first: 'COMPLETED',
        a: 'COMPLETED',
        b: 'COMPLETED',
      });
      const children = (await test.store.list(100)).filter((run) => run.definition === 'child');
      expect(children.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
    },
  );

  it('between the end of a child and the word of it leaves its parent to complete', async () => {
    const family = await startFamily([sub('a')]);
    const childId = await childIdOf(family, 'a');
    await work(family.engine, family.queue);
    await decideRun(dying(family, 'before-relay'), childId).catch(() => undefined);
    expect(await family.store.find(childId)).toMatchObject({ status: 'COMPLETED' });
    expect(await statusesOf(family)).toEqual({ a: 'IN_PROGRESS' });
    expect(await family.store.attention(childId)).not.toBeNull();
    await heal(family, 3);
    expect(await statusesOf(family)).toEqual({ a: 'COMPLETED' });
    expect(await family.store.attention(childId)).toBeNull();
  });

  it('is made up for by sweepers alone, without a scheduler', async () => {
    const family = await startFamily([sub('a')]);
    const childId = await childIdOf(family, 'a');
    await work(family.engine, family.queue);
    await decideRun(dying(family, 'before-relay'), childId).catch(() => undefined);
    const engine = family.another();
    await family.time.advance(2_000);
    for (let partition = 0; partition < 4; partition += 1) await lookAtRuns(engine, partition);
    await settle({ engine, queue: family.queue });
    expect(await statusesOf(family)).toEqual({ a: 'COMPLETED' });
  });
});

describe('a letter', () => {
  it('that cancels comes before the one that starts: the child never begins', async () => {
    const test = createTestEngine();
    await registerDefinition(test.engine, child);
    await registerDefinition(test.engine, { name: 'parent', tasks: [simple('first'), sub('a')] });
    const { runId } = await startRun(test.engine, { name: 'parent', input: { n: 7 } });
    await work(test.engine, test.queue);
    await decideRun(dying(test, 'before-relay'), runId).catch(() => undefined);
    const operation = { type: 'terminate', reason: 'enough' } as const;
    await operateRun(test.another(), { runId, operation });
    await settle(test);
    await heal(test);
    const runs = await test.store.list(10);
    const ends = new Map(runs.map(({ status, definition }) => [definition, status]));
    expect(ends).toEqual(
      new Map([
        ['child', 'TERMINATED'],
        ['parent', 'TERMINATED'],
      ]),
    );
    const childRun = runs.find(({ definition }) => definition === 'child');
    expect(await test.store.rows(childRun?.runId ?? runId)).toEqual([]);
    for (const run of runs) expect(test.store.snapshot(run.runId)?.outbox).toEqual({});
  });

  it('that is delivered again changes nothing', async () => {
    const family = await startFamily([sub('a'), sub('b')]);
    await settle(family);
    const before = await family.store.find(family.parentId);
    const childId = await childIdOf(family, 'a');
    const key = taskKeyOf('a');
    const about = { key, attempt: 1 };
    const send = (from: RunId, letter: Parameters<typeof deliverLetter>[1]['letter']) =>
      deliverLetter(family.engine, { runId: from, definition: 'x', traceId: '', letter });
    await send(childId, { type: 'notify-parent', to: family.parentId, ...about });
    await send(family.parentId, { type: 'start-child', to: childId, ...about });
    await send(family.parentId, { type: 'cancel-child', to: childId, reason: 'late', ...about });
    expect(await family.store.find(family.parentId)).toEqual(before);
    expect(await family.store.find(childId)).toMatchObject({ status: 'COMPLETED' });
    expect(await family.store.list(10)).toHaveLength(3);
  });
});

describe('START_WORKFLOW', () => {
  it('starts a run that outlives it, and yields its id', async () => {
    const input = { n: '${workflow.input.n}' };
    const family = await startFamily([start({ name: 'child', input })], {
      request: { correlationId: 'c' },
    });
    const { store, parentId } = family;
    const run = (await store.list(10)).find(({ definition }) => definition === 'child');
    expect(await store.payload(parentId, 'o:s')).toEqual({ workflowId: run?.runId });
    expect(await store.find(run?.runId ?? parentId)).toMatchObject({
      parent: null,
      correlationId: 'c',
      status: 'RUNNING',
    });
    await decideRun(family.engine, parentId);
    expect(await runOf(family.engine, parentId)).toMatchObject({ status: 'COMPLETED' });
    expect(isTerminalRun((await runOf(family.engine, run?.runId ?? parentId)).status)).toBe(false);
  });

  it('finds the run of an idempotency key, whoever has started it', async () => {
    const test = createTestEngine();
    await registerDefinition(test.engine, child);
    const name = 'child';
    const first = await startRun(test.engine, { name, idempotencyKey: 'k' });
    const family = await startFamily([start({ name, idempotencyKey: 'k' })], { test });
    expect(await test.store.payload(family.parentId, 'o:s')).toEqual({ workflowId: first.runId });
    expect(await test.store.list(10)).toHaveLength(2);
  });

  it.each([
    [{ name: 'nobody' }, 'JN_DEF_NOT_FOUND'],
    [{ name: 'child', priority: 300 }, 'JN_REQUEST_INVALID'],
  ])('fails with the reason for %j', async (request, code) => {
    const family = await startFamily([start(request)]);
    await settle(family);
    const run = await runOf(family.engine, family.parentId);
    expect(run.status).toBe('FAILED');
    expect(run.reason).toContain(code);
  });

  it('that starts itself for ever does not hold up whoever relays', async () => {
    const test = createTestEngine();
    await registerDefinition(test.engine, { name: 'again', tasks: [start({ name: 'again' })] });
    await startRun(test.engine, { name: 'again' });
    const runs = await test.store.list(1_000);
    expect(runs.length).toBeGreaterThan(1);
    expect(runs.length).toBeLessThan(100);
  });
});

describe('a full evaluation', () => {
  it('hears of a child whose word was lost, once', async () => {
    const family = await startFamily([sub('a')]);
    const childId = await childIdOf(family, 'a');
    await work(family.engine, family.queue);
    await decideRun(dying(family, 'before-relay'), childId).catch(() => undefined);
    const about = { to: family.parentId, key: taskKeyOf('a'), attempt: 1 };
    await family.store.acknowledge(childId, [letterIdOf({ type: 'notify-parent', ...about })]);
    await evaluateInFull(family);
    expect(await statusesOf(family)).toEqual({ a: 'COMPLETED' });
    expect(await family.store.payload(family.parentId, 'o:a')).toEqual({
      doubled: 7,
      subWorkflowId: childId,
    });
    expect(await repairsOf(family)).toEqual(['parent-not-notified']);
  });

  it('starts a child once more whose letter was lost', async () => {
    const test = createTestEngine();
    await registerDefinition(test.engine, child);
    await registerDefinition(test.engine, { name: 'parent', tasks: [simple('first'), sub('a')] });
    const { runId } = await startRun(test.engine, { name: 'parent', input: { n: 7 } });
    const family = { ...test, parentId: runId };
    await work(test.engine, test.queue);
    await decideRun(dying(test, 'before-relay'), runId).catch(() => undefined);
    await test.store.acknowledge(runId, ['start-child:a@1']);
    await evaluateInFull(family);
    expect(await repairsOf(family)).toEqual(['parent-not-notified']);
    expect(await statusesOf(family)).toEqual({ first: 'COMPLETED', a: 'COMPLETED' });
  });

  it('leaves to their letters what is on its way', async () => {
    const family = await startFamily([sub('a')]);
    const { store, parentId } = family;
    const childId = await childIdOf(family, 'a');
    await work(family.engine, family.queue);
    await decideRun(dying(family, 'before-relay'), childId).catch(() => undefined);
    await family.time.advance(60_001);
    // A look that relays nothing.
    await store.look(partitionOf(parentId), [parentId]);
    expect(await decideRun(family.engine, parentId)).toMatchObject({ type: 'decided' });
    expect(await repairsOf(family)).toEqual([]);
    expect(await statusesOf(family)).toEqual({ a: 'IN_PROGRESS' });
  });

  it('goes on each minute in a run that waits for another', async () => {
    const family = await startFamily([sub('a')]);
    for (let minute = 0; minute < 3; minute += 1) {
      await family.time.advance(60_001);
      await family.store.look(partitionOf(family.parentId), [family.parentId]);
      expect(await decideRun(family.engine, family.parentId)).toMatchObject({ type: 'decided' });
    }
  });

  it('finds nothing in a healthy family', async () => {
    const family = await startFamily([sub('a')]);
    await family.time.advance(60_001);
    for (let partition = 0; partition < 4; partition += 1) {
      await lookAtRuns(family.engine, partition);
    }
    await decideRun(family.engine, family.parentId);
    expect(await repairsOf(family)).toEqual([]);
    expect(await statusesOf(family)).toEqual({ a: 'IN_PROGRESS' });
  });
});

const typesOf = async ({ store }: TestEngine, id: RunId): Promise<readonly string[]> =>
  (await store.rows(id)).map(({ queue = '', ref }) => `${ref} ${queue}`);

describe('domains', () => {
  it('of a run are those of its children, unless these have their own', async () => {
    const own = { subWorkflowParam: { name: 'child', taskToDomain: { work: 'us' } } };
    const tasks = [
      {
        ...simple('f'),
        type: 'FORK_JOIN',
        forkTasks: [[sub('s')], [sub('other', own)], [simple('a')], [simple('b')]],
      },
      { ...simple('j'), type: 'JOIN', joinOn: ['s', 'other', 'a', 'b'] },
    ];
    const taskToDomain = { a: 'asia, NO_DOMAIN', '*': 'us,eu' };
    const family = await startFamily(tasks, { request: { taskToDomain } });
    await settle(family);
    expect(await typesOf(family, family.parentId)).toEqual(
      expect.arrayContaining(['a ', 'b eu:b', 's ']),
    );
    expect(await typesOf(family, await childIdOf(family, 's'))).toEqual(['work eu:work']);
    expect(await typesOf(family, await childIdOf(family, 'other'))).toEqual(['work us:work']);
  });
});
