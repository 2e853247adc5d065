import { eventually } from '@joinery/testing';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench, simple } from './fixtures/api-bench.ts';

/** What these tests read of a task; all else is there too. */
const polled = z.looseObject({
  taskId: z.string(),
  workflowInstanceId: z.string(),
  retryCount: z.number(),
  workerId: z.string().nullable(),
});
type PolledTask = z.infer<typeof polled>;

let bench: ApiBench;
let typeCount = 0;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.end());

/** A definition with tasks of types of its own, so that tests do not take each other's jobs. */
async function register(
  taskCount = 1,
  taskDef: object = {},
): Promise<{ readonly name: string; readonly types: readonly string[] }> {
  typeCount += 1;
  const name = `flow${typeCount}`;
  const types = Array.from({ length: taskCount }, (_none, index) => `${name}_task${index}`);
  const tasks = types.map((type) => simple(type));
  await bench.call('PUT', '/api/metadata/workflow', [{ name, version: 1, tasks }]);
  const defs = types.map((type) => ({
    name: type,
    retryCount: 1,
    retryDelaySeconds: 0,
    ...taskDef,
  }));
  await bench.call('POST', '/api/metadata/taskdefs', defs);
  return { name, types };
}

async function start(name: string): Promise<string> {
  return String((await bench.call('POST', '/api/workflow', { name })).body);
}

async function poll(type: string, query = 'timeout=2000&workerid=w1'): Promise<PolledTask[]> {
  const { status, body } = await bench.call('GET', `/api/tasks/poll/batch/${type}?${query}`);
  expect(status).toBe(200);
  return z.array(polled).parse(body);
}

async function pollOne(type: string): Promise<PolledTask> {
  const [task] = await poll(type);
  if (task === undefined) throw new Error(`no task of ${type} came`);
  return task;
}

const resultOf = ({ taskId, workflowInstanceId }: PolledTask, more: object = {}) => ({
  taskId,
  workflowInstanceId,
  status: 'COMPLETED',
  outputData: {},
  workerId: 'w1',
  ...more,
});

const runOf = async (id: string) => (await bench.call('GET', `/api/workflow/${id}`)).body;

describe('polling', () => {
  it('hands over a task with what a worker reads of it', async () => {
    const { name, types } = await register(1, { responseTimeoutSeconds: 30 });
    const id = await start(name);
    const task = await pollOne(types[0] ?? '');
    expect(task).toMatchObject({
      taskType: types[0],
      taskDefName: types[0],
      status: 'IN_PROGRESS',
      workflowInstanceId: id,
      workflowType: name,
      retryCount: 0,
      pollCount: 1,
      responseTimeoutSeconds: 30,
      workerId: 'w1',
      inputData: {},
    });
    const shown = await bench.call('GET', `/api/tasks/${task.taskId}`);
    expect(shown.body).toMatchObject({ taskId: task.taskId, status: 'IN_PROGRESS' });
  });

  it('answers an empty list when nothing comes, and 204 to a single poll', async () => {
    expect(await poll('nothing', 'timeout=50&workerid=&domain=')).toEqual([]);
    const single = await bench.call('GET', '/api/tasks/poll/nothing?workerid=w');
    expect(single).toMatchObject({ status: 204, body: '' });
    expect(single.headers.get('content-type')).toBeNull();
  });

  it('hands over at once what comes while it waits', async () => {
    const { name, types } = await register();
    const waiting = pollOne(types[0] ?? '').then((task) => ({ task, at: performance.now() }));
    await eventually(async () => expect(await waitingReads(bench)).toBeGreaterThan(0));
    const id = await start(name);
    const startedAt = performance.now();
    const { task, at } = await waiting;
    expect(task.workflowInstanceId).toBe(id);
    // Promised: 20 ms; ten times that finds a hang.
    expect(at - startedAt).toBeLessThan(200);
  });

  it('gives no more than were asked for, and each task to one', async () => {
    const { name, types } = await register();
    for (let n = 0; n < 5; n += 1) await start(name);
    const type = types[0] ?? '';
    const first = await poll(type, 'count=2&timeout=1000');
    const rest = await poll(type, 'count=10&timeout=1000');
    expect([first.length, rest.length]).toEqual([2, 3]);
    expect(new Set([...first, ...rest].map(({ taskId }) => taskId)).size).toBe(5);
  });

  it('costs Redis nothing for each of many polls that wait', async () => {
    const before = await commandCount();
    await Promise.all(Array.from({ length: 100 }, () => poll('idle_type', 'timeout=1000')));
    // One fetcher opens (scripts are loaded, two connections greet) and the sweeper goes its rounds.
    const fewer = await commandCount('bzpopmin');
    expect(fewer).toBeLessThan(before + 10);
  });

  it.each(['timeout=5001', 'count=0', 'count=many', 'count=1001'])('%s is 400', async (query) => {
    const { status } = await bench.call('GET', `/api/tasks/poll/batch/x?${query}`);
    expect(status).toBe(400);
  });

  it('gives back at once what was claimed for a client that has gone', async () => {
    const { name, types } = await register();
    const type = types[0] ?? '';
    const path = `/api/tasks/poll/batch/${type}?timeout=5000&workerid=gone`;
    const gone = request(bench.url + path);
    gone.on('error', () => undefined).end();
    await eventually(async () => expect(await waitingReads(bench)).toBeGreaterThan(0));
    gone.destroy();
    await start(name);
    expect((await pollOne(type)).workerId).toBe('w1');
  });

  it('shows who polled, and how many tasks wait', async () => {
    const { name, types } = await register();
    const type = types[0] ?? '';
    await poll(type, 'timeout=0&workerid=w9');
    await start(name);
    const polls = await bench.call('GET', `/api/tasks/queue/polldata?taskType=${type}`);
    expect(polls.body).toMatchObject([
      { queueName: type, workerId: 'w9', domain: null, lastPollTime: expect.any(Number) },
    ]);
    // The read that the poll began may hold the job for a moment, for the next poll.
    await eventually(async () => {
      const path = `/api/tasks/queue/sizes?taskType=${type}&taskType=none`;
      expect((await bench.call('GET', path)).body).toEqual({ [type]: 1, none: 0 });
    });
    const queued = await bench.call('GET', `/api/admin/task/${type}`);
    expect(queued.body).toMatchObject([{ taskDefName: type, status: 'SCHEDULED' }]);
  });
});

describe('updating', () => {
  it('ends tasks one after another until the run has ended', async () => {
    const { name, types } = await register(2);
    const id = await start(name);
    for (const [index, type] of types.entries()) {
      const task = await pollOne(type);
      const answer = await bench.call(
        'POST',
        '/api/tasks',
        resultOf(task, { outputData: { index } }),
      );
      expect(answer).toMatchObject({ status: 200, body: task.taskId });
      expect(answer.headers.get('content-type')).toContain('text/plain');
    }
    await eventually(async () => expect(await runOf(id)).toMatchObject({ status: 'COMPLETED' }));
    expect(await runOf(id)).toMatchObject({
      tasks: [{ outputData: { index: 0 } }, { outputData: { index: 1 } }],
    });
  });

  it('answers update-v2 with the next task of the type, claimed, else 204 without a type', async () => {
    const { name, types } = await register();
    await start(name);
    await start(name);
    const first = await pollOne(types[0] ?? '');
    const next = await bench.call('POST', '/api/tasks/update-v2', resultOf(first));
    expect(next).toMatchObject({ status: 200, body: { status: 'IN_PROGRESS', workerId: 'w1' } });
    const second = polled.parse(next.body);
    expect(second.workflowInstanceId).not.toBe(first.workflowInstanceId);
    const last = await bench.call('POST', '/api/tasks/update-v2', resultOf(second));
    expect(last).toMatchObject({ status: 204, body: '' });
    expect(last.headers.get('content-type')).toBeNull();
  });

  it('takes the first end of an attempt, and answers late ones like it', async () => {
    const { name, types } = await register();
    const id = await start(name);
    const task = await pollOne(types[0] ?? '');
    await bench.call('POST', '/api/tasks', resultOf(task, { outputData: { n: 1 } }));
    const late = resultOf(task, { status: 'FAILED', outputData: { n: 2 } });
    expect((await bench.call('POST', '/api/tasks', late)).status).toBe(200);
    expect((await bench.call('POST', '/api/tasks/update-v2', late)).status).toBe(204);
    expect(await runOf(id)).toMatchObject({
      tasks: [{ status: 'COMPLETED', outputData: { n: 1 } }],
    });
  });

  it('retries a failed attempt under a new id, and not one that failed for good', async () => {
    const { name, types } = await register();
    const id = await start(name);
    const first = await pollOne(types[0] ?? '');
    const why = 'x'.repeat(600);
    await bench.call(
      'POST',
      '/api/tasks',
      resultOf(first, { status: 'FAILED', reasonForIncompletion: why }),
    );
    const second = await pollOne(types[0] ?? '');
    expect(second.taskId).not.toBe(first.taskId);
    expect(second).toMatchObject({ retryCount: 1, retriedTaskId: first.taskId });
    const forGood = { status: 'FAILED_WITH_TERMINAL_ERROR', reasonForIncompletion: 'no' };
    await bench.call('POST', '/api/tasks', resultOf(second, forGood));
    await eventually(async () => expect(await runOf(id)).toMatchObject({ status: 'FAILED' }));
    expect(await runOf(id)).toMatchObject({
      tasks: [
        {
          taskId: first.taskId,
          status: 'FAILED',
          retried: true,
          reasonForIncompletion: 'x'.repeat(500),
        },
        { status: 'FAILED_WITH_TERMINAL_ERROR', reasonForIncompletion: 'no' },
      ],
    });
  });

  it('gives a task of a silent worker to another under a new id, after its response time-out', async () => {
    const { name, types } = await register(1, { responseTimeoutSeconds: 1 });
    await start(name);
    const lost = await pollOne(types[0] ?? '');
    const again = await eventually(() => pollOne(types[0] ?? ''), { withinMs: 15_000 });
    expect(again.taskId).not.toBe(lost.taskId);
    expect(again.retryCount).toBe(1);
  });

  it('keeps a task whose worker extends its lease', async () => {
    const { name, types } = await register(1, { responseTimeoutSeconds: 1 });
    const id = await start(name);
    const task = await pollOne(types[0] ?? '');
    const extension = resultOf(task, { status: 'IN_PROGRESS', extendLease: true });
    const endsAt = performance.now() + 2_500;
    while (performance.now() < endsAt) {
      const { status, body } = await bench.call('POST', '/api/tasks', extension);
      expect({ status, body }).toEqual({ status: 200, body: task.taskId });
      await poll('pause_between', 'timeout=300');
    }
    expect(await runOf(id)).toMatchObject({ tasks: [{ status: 'IN_PROGRESS' }] });
    await bench.call('POST', '/api/tasks', resultOf(task));
    await eventually(async () => expect(await runOf(id)).toMatchObject({ status: 'COMPLETED' }));
  });

  it('asks again later when the worker says so, for the same attempt', async () => {
    const { name, types } = await register();
    await start(name);
    const task = await pollOne(types[0] ?? '');
    const later = resultOf(task, { status: 'IN_PROGRESS', callbackAfterSeconds: 1 });
    const askedAt = performance.now();
    expect((await bench.call('POST', '/api/tasks/update-v2', later)).status).toBe(204);
    expect((await bench.call('GET', `/api/tasks/${task.taskId}`)).body).toMatchObject({
      status: 'SCHEDULED',
    });
    const again = await eventually(() => pollOne(types[0] ?? ''), { withinMs: 10_000 });
    expect(performance.now() - askedAt).toBeGreaterThan(900);
    expect(again).toMatchObject({ taskId: task.taskId, pollCount: 2 });
  });

  it('takes results by reference, also of tasks that nobody has polled', async () => {
    const { name, types } = await register();
    const id = await start(name);
    const path = `/api/tasks/${id}/${types[0]}_ref/COMPLETED`;
    const first = await bench.call('POST', `${path}?workerid=`, { by: 'hand' });
    expect(first.status).toBe(200);
    await eventually(async () => expect(await runOf(id)).toMatchObject({ status: 'COMPLETED' }));
    expect(await runOf(id)).toMatchObject({ tasks: [{ outputData: { by: 'hand' } }] });
    expect((await bench.call('POST', path, {})).status).toBe(404);
    const wrong = await bench.call('POST', `/api/tasks/${id}/x_ref/DONE`, {});
    expect(wrong.status).toBe(400);
  });

  it('is 404 for what is no task, and 400 for what is no result', async () => {
    const unknown = { taskId: 'unknown', workflowInstanceId: 'x', status: 'COMPLETED' };
    for (const path of ['/api/tasks', '/api/tasks/update-v2']) {
      expect(await bench.call('POST', path, unknown)).toMatchObject({
        status: 404,
        body: { message: 'No such task found by id: unknown' },
      });
      expect((await bench.call('POST', path, { taskId: 'x' })).status).toBe(400);
    }
    expect((await bench.call('GET', '/api/tasks/unknown')).status).toBe(404);
    const purged = { ...unknown, taskId: '00-nobody00.task.1' };
    expect((await bench.call('POST', '/api/tasks', purged)).status).toBe(404);
    expect((await bench.call('POST', '/api/tasks/update-v2', purged)).status).toBe(204);
  });
});

describe('signals', () => {
  it('end the first WAIT with the body as it is, and answer the run', async () => {
    const tasks = [{ name: 'wait', taskReferenceName: 'w', type: 'WAIT' }];
    await bench.call('PUT', '/api/metadata/workflow', [{ name: 'signaled', version: 1, tasks }]);
    const id = await start('signaled');
    const body = { taskOutput: { x: 1 } };
    const answer = await bench.call('POST', `/api/tasks/${id}/COMPLETED/signal/sync`, body);
    expect(answer.body).toMatchObject({ status: 'COMPLETED', tasks: [{ outputData: body }] });
    const none = await bench.call('POST', `/api/tasks/${id}/COMPLETED/signal/sync`, body);
    expect(none.status).toBe(404);
    expect((await bench.call('POST', `/api/tasks/${id}/COMPLETED/signal`, body)).status).toBe(200);
  });
});

describe('task logs', () => {
  it('keep lines as they were sent, and those of results, also of ended attempts', async () => {
    const { name, types } = await register();
    await start(name);
    const task = await pollOne(types[0] ?? '');
    const path = `/api/tasks/${task.taskId}/log`;
    expect((await bench.call('GET', path)).body).toEqual([]);
    await bench.call('POST', path, '"hello \\"q\\""');
    await bench.call('POST', path, 'not json', { 'content-type': 'application/json' });
    const logs = [{ log: 'at the end', createdTime: 5, taskId: task.taskId }];
    await bench.call('POST', '/api/tasks', resultOf(task, { status: 'FAILED', logs }));
    await bench.call('POST', '/api/tasks', resultOf(task, { logs }));
    const { body } = await bench.call('GET', path);
    const line = { taskId: task.taskId, createdTime: 5, log: 'at the end' };
    expect(body).toMatchObject([{ log: '"hello \\"q\\""' }, { log: 'not json' }, line, line]);
    expect((await bench.call('GET', '/api/tasks/unknown/log')).status).toBe(404);
  });
});

describe('a server that leaves', () => {
  it('answers the polls that wait, and leaves no job in its hands', async () => {
    const leaving = await openBench();
    try {
      const path = '/api/tasks/poll/batch/leaving?timeout=5000';
      const waiting = leaving.call('GET', path);
      await eventually(async () => expect(await waitingReads(leaving)).toBe(1));
      const askedAt = performance.now();
      await leaving.stopServer();
      expect(await waiting).toMatchObject({ status: 200, body: [] });
      expect(performance.now() - askedAt).toBeLessThan(3_000);
    } finally {
      await leaving.end();
    }
  });
});

/** Fetchers that wait for a job; coordinators wait in other ways. */
async function waitingReads({ open }: ApiBench): Promise<number> {
  const clients = String(await open.redis.call('CLIENT', 'LIST'));
  return clients.split('\n').filter((line) => /flags=\w*b.* cmd=bzpopmin /u.test(line)).length;
}

/** How often one command was sent to Redis. */
async function commandCount(command = 'bzpopmin'): Promise<number> {
  const text = await bench.open.redis.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`, 'u').exec(text)?.[1] ?? 0);
}
