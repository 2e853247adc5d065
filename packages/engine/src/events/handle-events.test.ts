import { type Json, type JsonObject, type RunId } from '@joinery/core';
import { createMemoryEventLog, type EventLog } from '@joinery/store';
import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from '@joinery/sandbox';
import { createTestEngine, type TestEngine } from '../../test/fixtures/test-engine.ts';
import { type EventPorts } from '../engine-ports.ts';
import { handleEvents } from './handle-events.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { relayUnsent } from '../letters/relay-unsent.ts';
import { startRun } from '../starts/start-run.ts';
import { decideRun } from '../decisions/decide-run.ts';

const task = (type: string, ref: string, more: JsonObject = {}): JsonObject => ({
  name: ref,
  taskReferenceName: ref,
  type,
  ...more,
});
const told = 'conductor:order:told';
const order: JsonObject = {
  name: 'order',
  tasks: [
    task('EVENT', 'tell', {
      sink: 'conductor:told',
      inputParameters: { n: '${workflow.input.n}' },
    }),
    task('WAIT', 'answer'),
  ],
};
const packing: JsonObject = { name: 'packing', tasks: [task('WAIT', 'pack')] };

interface Plant extends TestEngine {
  readonly log: EventLog;
  readonly queued: unknown[];
  /** Set: the next calls fail. */
  readonly faults: { publish?: Error; done?: Error };
  handle(definition: JsonObject, name?: string): Promise<void>;
}

const sandbox = createSandbox();
afterAll(() => sandbox.close());

async function plant(): Promise<Plant> {
  const faults: Plant['faults'] = {};
  const queued: unknown[] = [];
  const memory = createMemoryEventLog(() => test.time.now());
  const log: EventLog = {
    ...memory,
    async publish(event) {
      if (faults.publish) throw faults.publish;
      await memory.publish(event);
    },
    async done(event) {
      if (faults.done) throw faults.done;
      await memory.done(event);
    },
  };
  const events: EventPorts = { log, queue: { add: async (each) => void queued.push(each) } };
  const test: TestEngine = createTestEngine({ events, evaluator: sandbox });
  await registerDefinition(test.engine, order);
  await registerDefinition(test.engine, packing);
  const handle = async (definition: JsonObject, name = 'h'): Promise<void> => {
    const whole: JsonObject = { name, event: told, active: true, ...definition };
    await log.putHandler({ name, sink: told, definition: whole });
  };
  return { ...test, log, queued, faults, handle };
}

async function again({ engine, time }: Plant): Promise<void> {
  await time.advance(40_000);
  await handleEvents(engine, { isLeft: true });
}

const runsOf = async ({ store }: Plant, name: string): Promise<readonly RunId[]> =>
  (await store.list(100)).filter(({ definition }) => definition === name).map(({ runId }) => runId);

const start: Json = {
  action: 'start_workflow',
  start_workflow: { name: 'packing', input: { n: '${n}', all: '${workflowInstanceId}' } },
};
const answer: JsonObject = {
  workflowId: '${workflowInstanceId}',
  taskRefName: 'answer',
  output: { n: '${n}' },
};
const complete = (more: JsonObject = {}): Json => ({
  action: 'complete_task',
  complete_task: { ...answer, ...more },
});

describe('an event handler', () => {
  it('starts one run per event, however often the event comes', async () => {
    const here = await plant();
    await here.handle({ actions: [start] });
    const { runId } = await startRun(here.engine, { name: 'order', input: { n: 5 } });
    here.faults.done = new Error('SIGKILL');
    await expect(handleEvents(here.engine)).rejects.toThrow('SIGKILL');
    delete here.faults.done;
    await again(here);
    const runs = await runsOf(here, 'packing');
    expect(runs).toHaveLength(1);
    const [packed] = runs;
    expect(await here.store.payload(packed ?? runId, 'run:input')).toEqual({
      n: 5,
      all: runId,
      'conductor.event.messageId': `${runId}/event:tell@1`,
      'conductor.event.name': told,
    });
    await again(here);
    expect(await runsOf(here, 'packing')).toHaveLength(1);
    await startRun(here.engine, { name: 'order', input: { n: 6 } });
    expect(await handleEvents(here.engine)).toBe(1);
    expect(await runsOf(here, 'packing')).toHaveLength(2);
  });

  it.each([
    ['complete_task', 'COMPLETED', { n: 5 }],
    ['fail_task', 'FAILED', null],
  ])('%s ends a task of a run', async (action, status, output) => {
    const here = await plant();
    await here.handle({ actions: [{ action, [action]: answer }] });
    const { runId } = await startRun(here.engine, { name: 'order', input: { n: 5 } });
    await handleEvents(here.engine);
    await decideRun(here.engine, runId);
    expect(await here.store.find(runId)).toMatchObject({ status });
    expect(await here.store.payload(runId, 'run:output')).toEqual(output);
  });

  it('ends the attempt at which it aimed first, and no later one of the same name', async () => {
    const here = await plant();
    const body = [task('WAIT', 'answer')];
    await registerDefinition(here.engine, {
      name: 'order',
      tasks: [
        task('EVENT', 'tell', { sink: 'conductor:told' }),
        task('DO_WHILE', 'loop', { loopOver: body, loopCondition: 'true' }),
      ],
    });
    await here.handle({ actions: [complete()] });
    const { runId } = await startRun(here.engine, { name: 'order' });
    here.faults.done = new Error('SIGKILL');
    await expect(handleEvents(here.engine)).rejects.toThrow('SIGKILL');
    delete here.faults.done;
    await decideRun(here.engine, runId);
    await again(here);
    await decideRun(here.engine, runId);
    const rows = await here.store.rows(runId);
    const answers = rows.filter(({ ref }) => ref === 'answer');
    expect(answers.map(({ key, status }) => `${key} ${status}`)).toEqual([
      'answer__1 COMPLETED',
      'answer__2 IN_PROGRESS',
    ]);
  });

  it('terminates a run, once', async () => {
    const here = await plant();
    const end = { workflowId: '${workflowInstanceId}', terminationReason: 'because of ${n}' };
    await here.handle({ actions: [{ action: 'terminate_workflow', terminate_workflow: end }] });
    const { runId } = await startRun(here.engine, { name: 'order', input: { n: 5 } });
    here.faults.done = new Error('SIGKILL');
    await expect(handleEvents(here.engine)).rejects.toThrow('SIGKILL');
    delete here.faults.done;
    await decideRun(here.engine, runId);
    await again(here);
    expect(await here.store.find(runId)).toMatchObject({
      status: 'TERMINATED',
      reason: 'because of 5',
    });
    expect(here.logger.events()).not.toContain('event.unhandled');
  });

  it.each([
    ['$.n > 4', 1],
    ['$.n > 5', 0],
    ['', 1],
    ['throw new Error("x")', 0],
    ['while (true) {}', 0],
  ])('applies when its condition %s is met: %i', async (condition, count) => {
    const here = await plant();
    await here.handle({ condition, actions: [start] });
    await startRun(here.engine, { name: 'order', input: { n: 5 } });
    expect(await handleEvents(here.engine)).toBe(1);
    expect(await runsOf(here, 'packing')).toHaveLength(count);
  });

  it('that can have no effect holds up neither its other actions nor other handlers', async () => {
    const here = await plant();
    const nowhere = complete({ workflowId: 'no run' });
    const unknown = { action: 'start_workflow', start_workflow: { name: 'nothing' } };
    await here.handle({ actions: [nowhere, unknown, start] }, 'a');
    await here.handle({ actions: [start] }, 'b');
    await here.handle({ active: false, actions: [start] }, 'off');
    await here.log.putHandler({ name: 'corrupt', sink: told, definition: {} });
    await startRun(here.engine, { name: 'order', input: { n: 5 } });
    expect(await handleEvents(here.engine)).toBe(1);
    expect(await runsOf(here, 'packing')).toHaveLength(2);
    expect(here.logger.events().filter((event) => event === 'event.unhandled')).toHaveLength(2);
    expect(here.logger.events()).toContain('event-handler.unreadable');
  });
});

describe('an event', () => {
  it('that cannot be published stays in the outbox of its run', async () => {
    const here = await plant();
    await here.handle({ actions: [start] });
    here.faults.publish = new Error('away');
    const { runId } = await startRun(here.engine, { name: 'order', input: { n: 5 } });
    expect(await here.store.hasLetter(runId, 'event:tell@1')).toBe(true);
    delete here.faults.publish;
    await here.time.advance(1_000);
    for (let partition = 0; partition < here.store.partitions; partition += 1) {
      await relayUnsent(here.engine, partition);
    }
    expect(await here.store.hasLetter(runId, 'event:tell@1')).toBe(false);
    expect(await handleEvents(here.engine)).toBe(1);
    expect(await runsOf(here, 'packing')).toHaveLength(1);
  });

  it('for a BullMQ queue is put there under its id', async () => {
    const here = await plant();
    const tell = task('EVENT', 'tell', { sink: 'bullmq:orders', inputParameters: { n: 1 } });
    await registerDefinition(here.engine, { name: 'queueing', tasks: [tell] });
    const { runId } = await startRun(here.engine, { name: 'queueing' });
    expect(here.queued).toMatchObject([
      {
        queueName: 'orders',
        id: `${runId}/event:tell@1`,
        payload: { n: 1, workflowType: 'queueing' },
      },
    ]);
  });
});
