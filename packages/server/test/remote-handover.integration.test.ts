import { eventually } from '@joinery/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';

const polled = z.looseObject({
  taskId: z.string(),
  workflowInstanceId: z.string(),
  referenceTaskName: z.string(),
});
type PolledTask = z.infer<typeof polled>;

const SECRET = 'not for everybody';
const secrets = (name: string) => (name === 'KEY' ? SECRET : undefined);
let bench: ApiBench;
beforeAll(async () => {
  bench = await openBench({}, { secrets });
});
afterAll(() => bench.end());

const taskOf = (name: string, ref: string, inputParameters: object = {}) => ({
  name,
  taskReferenceName: ref,
  type: 'SIMPLE',
  inputParameters,
});

async function register(name: string, tasks: readonly object[], retryCount = 0): Promise<void> {
  const defs = [{ name: `${name}_task`, retryCount, retryDelaySeconds: 0 }];
  await bench.call('POST', '/api/metadata/taskdefs', defs);
  const { status } = await bench.call('PUT', '/api/metadata/workflow', [
    { name, version: 1, tasks },
  ]);
  expect(status).toBe(200);
}

async function start(name: string, input: object = {}): Promise<string> {
  return String((await bench.call('POST', '/api/workflow', { name, input })).body);
}

async function poll(type: string, timeout = 2_000): Promise<PolledTask | undefined> {
  const path = `/api/tasks/poll/batch/${type}?timeout=${timeout}&workerid=w1`;
  return z.array(polled).parse((await bench.call('GET', path)).body)[0];
}

const resultOf = (task: PolledTask | undefined, more: object = {}) => ({
  taskId: task?.taskId,
  workflowInstanceId: task?.workflowInstanceId,
  status: 'COMPLETED',
  outputData: { from: task?.referenceTaskName },
  workerId: 'w1',
  ...more,
});

async function eventsOf(id: string): Promise<readonly string[]> {
  const { body } = await bench.call('GET', `/api/runs/${id}/history`);
  const event = z.looseObject({ type: z.string(), key: z.string().optional() });
  const history = z.object({ events: z.array(z.looseObject({ event })) }).parse(body);
  return history.events.map((each) => `${each.event.type} ${each.event.key ?? ''}`.trim());
}

describe('update-v2', () => {
  it('brings what follows in the same run, claimed with the result and without a job', async () => {
    const tasks = ['a', 'b', 'c'].map((ref) => taskOf('chain_task', ref));
    await register('chain', tasks);
    const id = await start('chain');
    const first = await poll('chain_task');
    expect(first?.referenceTaskName).toBe('a');
    const second = await bench.call('POST', '/api/tasks/update-v2', resultOf(first));
    expect(second).toMatchObject({
      status: 200,
      body: { referenceTaskName: 'b', workflowInstanceId: id, status: 'IN_PROGRESS', pollCount: 1 },
    });
    const third = await bench.call(
      'POST',
      '/api/tasks/update-v2',
      resultOf(polled.parse(second.body)),
    );
    const last = await bench.call(
      'POST',
      '/api/tasks/update-v2',
      resultOf(polled.parse(third.body)),
    );
    expect(last.status).toBe(204);
    expect((await bench.call('GET', `/api/workflow/${id}`)).body).toMatchObject({
      status: 'COMPLETED',
      tasks: [{ outputData: { from: 'a' } }, {}, { outputData: { from: 'c' } }],
    });
    const dispatched = (await eventsOf(id)).filter((each) => each.startsWith('task.dispatched'));
    expect(dispatched).toEqual(['task.dispatched a']);
  });

  it('does not carry for a delivery that came again: a coordinator decides', async () => {
    await register(
      'again',
      ['a', 'b'].map((ref) => taskOf('again_task', ref)),
    );
    const id = await start('again');
    const first = await poll('again_task');
    const postponed = resultOf(first, { status: 'IN_PROGRESS', callbackAfterSeconds: 0 });
    await bench.call('POST', '/api/tasks', postponed);
    const second = await poll('again_task');
    expect(second?.taskId).toBe(first?.taskId);
    await bench.call('POST', '/api/tasks/update-v2', resultOf(second));
    await eventually(async () => expect(await eventsOf(id)).toContain('task.dispatched b'));
  });
});

describe('secrets', () => {
  const inputParameters = { key: '${workflow.secrets.KEY}', given: '${workflow.input.text}' };

  it('are in what is handed over, in polls and chained, and nowhere else', async () => {
    const tasks = ['a', 'b'].map((ref) => taskOf('secret_task', ref, inputParameters));
    await register('secret', tasks);
    const id = await start('secret', { text: '${workflow.secrets.KEY}' });
    const first = await poll('secret_task');
    const revealed = { inputData: { key: SECRET, given: '${workflow.secrets.KEY}' } };
    expect(first).toMatchObject(revealed);
    const second = await bench.call('POST', '/api/tasks/update-v2', resultOf(first));
    expect(second.body).toMatchObject({ referenceTaskName: 'b', ...revealed });
    const shown = [
      await bench.call('GET', `/api/workflow/${id}`),
      await bench.call('GET', `/api/tasks/${first?.taskId}`),
      await bench.call('GET', `/api/runs/${id}`),
      await bench.call('GET', `/api/runs/${id}/history`),
      await bench.call('GET', `/api/tasks/search-v2?query=workflowId%3D${id}`),
    ];
    for (const { status, body } of shown) {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain(SECRET);
    }
  });

  it('that this server has not fail the attempt, and say which', async () => {
    await register('missing', [taskOf('missing_task', 'a', { key: '${workflow.secrets.OTHER}' })]);
    const id = await start('missing');
    expect(await poll('missing_task', 300)).toBeUndefined();
    await eventually(async () =>
      expect((await bench.call('GET', `/api/workflow/${id}`)).body).toMatchObject({
        status: 'FAILED',
        tasks: [{ status: 'FAILED', reasonForIncompletion: expect.stringContaining('OTHER') }],
      }),
    );
  });
});
