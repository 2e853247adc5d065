import { eventually } from '@joinery/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench, simple } from './fixtures/api-bench.ts';

let bench: ApiBench;

const order = { name: 'order', version: 1, tasks: [simple('charge'), simple('ship')] };
const wait = { name: 'wait', taskReferenceName: 'wait_ref', type: 'WAIT' };
const approval = {
  name: 'approval',
  version: 1,
  tasks: [wait],
  outputParameters: { by: '${wait_ref.output.by}' },
};
const quick = {
  name: 'quick',
  version: 1,
  tasks: [{ name: 'noop', taskReferenceName: 'noop_ref', type: 'NOOP' }],
  outputParameters: { echo: '${workflow.input.x}' },
};

beforeAll(async () => {
  bench = await openBench();
  await bench.call('PUT', '/api/metadata/workflow', [order, approval, quick]);
});
afterAll(() => bench.end());

async function start(name: string, more: object = {}): Promise<string> {
  const { status, headers, body } = await bench.call('POST', '/api/workflow', { name, ...more });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('text/plain');
  return String(body);
}

async function statusOf(id: string): Promise<unknown> {
  return (await bench.call('GET', `/api/workflow/${id}/status`)).body;
}

describe('starting', () => {
  it('takes a request, or a name with the input as the body', async () => {
    const first = await start('order', { input: { x: 1 }, correlationId: 'c-1', priority: 3 });
    const path = '/api/workflow/order?correlationId=c-1&priority=3&version=1&createdBy=';
    const second = await bench.call('POST', path, { x: 1 });
    for (const id of [first, String(second.body)]) {
      const { body } = await bench.call('GET', `/api/workflow/${id}`);
      expect(body).toMatchObject({ correlationId: 'c-1', priority: 3, input: { x: 1 } });
    }
  });

  it('takes null for what is not said, and a definition that nobody has registered', async () => {
    const workflowDef = { ...quick, name: 'inline' };
    const id = await start('inline', { workflowDef, version: null, input: null });
    expect(await statusOf(id)).toMatchObject({ status: 'COMPLETED' });
  });

  it('finds the run of an idempotency key, or refuses, by the strategy', async () => {
    const key = { idempotencyKey: 'k' };
    const id = await start('order', key);
    expect(await start('order', { ...key, idempotencyStrategy: 'RETURN_EXISTING' })).toBe(id);
    for (const idempotencyStrategy of ['FAIL', 'FAIL_ON_RUNNING']) {
      const request = { name: 'order', ...key, idempotencyStrategy };
      const answer = await bench.call('POST', '/api/workflow', request);
      expect(answer).toMatchObject({ status: 409, body: { code: 'JN_RUN_EXISTS', status: 409 } });
    }
  });

  it('starts many with one request, of which a wrong one spoils no other', async () => {
    const key = { name: 'quick', idempotencyKey: 'bulk' };
    const requests = [
      { name: 'quick', input: { x: 1 }, version: null },
      { name: 'nobody' },
      { name: 'quick', priority: 'high' },
      key,
      key,
    ];
    const { status, body } = await bench.call('POST', '/api/workflow/bulk/start', requests);
    expect(status).toBe(200);
    const workflowId = expect.any(String);
    expect(body).toEqual([
      { workflowId, isNew: true },
      { error: expect.objectContaining({ status: 404, code: 'JN_DEF_NOT_FOUND' }) },
      { error: expect.objectContaining({ status: 400, code: 'JN_REQUEST_INVALID' }) },
      { workflowId, isNew: true },
      { workflowId, isNew: false },
    ]);
    const [first, , , third, fourth] = z
      .array(z.object({ workflowId: z.string() }).partial())
      .parse(body);
    expect(await statusOf(first?.workflowId ?? '')).toMatchObject({ status: 'COMPLETED' });
    expect(fourth).toMatchObject({ workflowId: third?.workflowId });
    const tooMany = Array.from({ length: 1_001 }, () => key);
    expect(await bench.call('POST', '/api/workflow/bulk/start', tooMany)).toMatchObject({
      status: 400,
    });
  });

  it('queues the first task before it answers', async () => {
    await start('order');
    const { body } = await bench.call('GET', '/api/tasks/queue/size?taskType=charge');
    expect(Number(body)).toBeGreaterThan(0);
  });
});

describe('executing', () => {
  it('answers the run as it has ended, flat', async () => {
    const path = '/api/workflow/execute/quick/1?requestId=r-1&waitUntilTaskRef=';
    const { status, body } = await bench.call('POST', path, { name: 'quick', input: { x: 7 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      responseType: 'TARGET_WORKFLOW',
      targetWorkflowStatus: 'COMPLETED',
      requestId: 'r-1',
      status: 'COMPLETED',
      output: { echo: 7 },
      tasks: [{ referenceTaskName: 'noop_ref' }],
      createTime: expect.any(Number),
    });
  });

  it('answers when a WAIT without a moment blocks, with the task if that is wanted', async () => {
    const path = '/api/workflow/execute/approval/0?returnStrategy=BLOCKING_TASK';
    const startedAt = performance.now();
    const { body } = await bench.call('POST', path, {});
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(body).toMatchObject({
      responseType: 'BLOCKING_TASK',
      referenceTaskName: 'wait_ref',
      taskType: 'WAIT',
      workflowType: 'approval',
    });
  });

  it('answers the run as it stands when the time is over', async () => {
    const path = '/api/workflow/execute/order/1?waitForSeconds=1';
    const { body } = await bench.call('POST', path, {});
    expect(body).toMatchObject({ status: 'RUNNING', tasks: [{ status: 'SCHEDULED' }] });
  });

  it('answers null when a task is wanted and none blocks', async () => {
    const path = '/api/workflow/execute/quick/1?returnStrategy=BLOCKING_TASK_INPUT';
    expect(await bench.call('POST', path, {})).toMatchObject({ status: 200, body: null });
  });
});

describe('operating', () => {
  it('pauses at once, resumes, and terminates with the reason', async () => {
    const id = await start('order');
    expect((await bench.call('PUT', `/api/workflow/${id}/pause`)).status).toBe(200);
    expect(await statusOf(id)).toMatchObject({ status: 'PAUSED' });
    expect((await bench.call('PUT', `/api/workflow/${id}/resume`)).status).toBe(200);
    expect(await statusOf(id)).toMatchObject({ status: 'RUNNING' });
    expect((await bench.call('PUT', `/api/workflow/${id}/resume`)).status).toBe(409);
    expect((await bench.call('DELETE', `/api/workflow/${id}?reason=enough`)).status).toBe(200);
    await eventually(async () =>
      expect(await statusOf(id)).toMatchObject({ status: 'TERMINATED' }),
    );
    const { body } = await bench.call('GET', `/api/workflow/${id}`);
    expect(body).toMatchObject({
      reasonForIncompletion: 'enough',
      tasks: [{ status: 'CANCELED' }],
    });
    expect((await bench.call('DELETE', `/api/workflow/${id}`)).status).toBe(200);
    expect((await bench.call('PUT', `/api/workflow/${id}/pause`)).status).toBe(409);
  });

  it('does the same for many, and says for each what became of it', async () => {
    const id = await start('order');
    const { status, body } = await bench.call('PUT', '/api/workflow/bulk/pause', [
      id,
      '00-nobody00',
    ]);
    expect(status).toBe(200);
    expect(body).toEqual({
      bulkErrorResults: { '00-nobody00': 'No such workflow found by id: 00-nobody00' },
      bulkSuccessfulResults: [id],
      message: 'Bulk Request has been processed.',
    });
    await bench.call('PUT', '/api/workflow/bulk/resume', [id]);
    await bench.call('POST', '/api/workflow/bulk/terminate?reason=all', [id]);
    await eventually(async () =>
      expect(await statusOf(id)).toMatchObject({ status: 'TERMINATED' }),
    );
    const tooMany = Array.from({ length: 1_001 }, () => id);
    expect((await bench.call('PUT', '/api/workflow/bulk/pause', tooMany)).status).toBe(400);
  });

  it.each([['POST', 'retry?resumeSubworkflowTasks=true']])(
    '%s …/%s says that it is not carried out, and changes nothing',
    async (method, path) => {
      const id = await start('order');
      const answer = await bench.call(method, `/api/workflow/${id}/${path}`);
      expect(answer).toMatchObject({ status: 501, body: { code: 'JN_NOT_IMPLEMENTED' } });
      expect(await statusOf(id)).toMatchObject({ status: 'RUNNING' });
    },
  );
});

const tasksOf = async (id: string) => {
  const { body } = await bench.call('GET', `/api/workflow/${id}?includeTasks=true`);
  return Object(body).tasks;
};
const ended = async (): Promise<string> => {
  const id = await start('order', { input: { x: 1 } });
  await bench.call('DELETE', `/api/workflow/${id}`);
  await eventually(async () => expect(await statusOf(id)).toMatchObject({ status: 'TERMINATED' }));
  return id;
};

describe('opening again', () => {
  it.each(['retry', 'restart'])('%s makes a run RUNNING that was terminated', async (verb) => {
    const id = await ended();
    const answer = await bench.call('POST', `/api/workflow/${id}/${verb}`);
    expect(answer).toMatchObject({ status: 204 });
    expect(await statusOf(id)).toMatchObject({ status: 'RUNNING' });
    const open = (await tasksOf(id)).filter(
      ({ status }: { status: string }) => status === 'SCHEDULED',
    );
    expect(open).toMatchObject([{ referenceTaskName: 'charge_ref', retryCount: 1 }]);
    // Conductor keeps the attempts that are retried, and forgets those of a restart.
    expect(await tasksOf(id)).toHaveLength(verb === 'retry' ? 2 : 1);
    expect((await bench.call('POST', `/api/workflow/${id}/${verb}`)).status).toBe(409);
  });

  it('reruns from the beginning or from a task, and answers the id as text', async () => {
    const id = await ended();
    const [charge] = await tasksOf(id);
    const from = { reRunFromTaskId: charge.taskId, taskInput: { y: 2 }, correlationId: 'c-2' };
    const { status, headers, body } = await bench.call('POST', `/api/workflow/${id}/rerun`, from);
    expect([status, body]).toEqual([200, id]);
    expect(headers.get('content-type')).toContain('text/plain');
    expect(await tasksOf(id)).toMatchObject([{ status: 'SCHEDULED', inputData: { y: 2 } }]);
    await bench.call('DELETE', `/api/workflow/${id}`);
    await eventually(async () =>
      expect(await statusOf(id)).toMatchObject({ status: 'TERMINATED' }),
    );
    expect(await bench.call('POST', `/api/workflow/${id}/rerun`, {})).toMatchObject({ body: id });
    const unknown = { reRunFromTaskId: 'nobody' };
    expect((await bench.call('POST', `/api/workflow/${id}/rerun`, unknown)).status).toBe(404);
  });

  it('does the same for many, and says for each what became of it', async () => {
    const [one, running] = [await ended(), await start('order')];
    const { body } = await bench.call('POST', '/api/workflow/bulk/retry', [one, running]);
    expect(body).toMatchObject({
      bulkSuccessfulResults: [one],
      bulkErrorResults: { [running]: expect.stringContaining('RUNNING') },
    });
    const again = await bench.call('POST', '/api/workflow/bulk/restart', [running]);
    expect(Object(again.body).bulkErrorResults).toHaveProperty(running);
  });
});

describe('touching a run that goes on', () => {
  it('skips a task that is to come, and refuses one that is there', async () => {
    const id = await start('order');
    const path = `/api/workflow/${id}/skiptask`;
    const wish = { taskInput: {}, taskOutput: { n: 1 } };
    expect((await bench.call('PUT', `${path}/ship_ref`, wish)).status).toBe(200);
    expect((await bench.call('PUT', `${path}/charge_ref`)).status).toBe(409);
    expect((await bench.call('PUT', `${path}/nobody`)).status).toBe(404);
  });

  it('sets variables, and ends a task in the same request', async () => {
    const id = await start('approval');
    const set = await bench.call('POST', `/api/workflow/${id}/variables`, { n: 1 });
    expect(set).toMatchObject({ status: 200, body: { workflowId: id, variables: { n: 1 } } });
    const taskResult = { outputData: { by: 'ada' } };
    const state = { taskReferenceName: 'wait_ref', taskResult, variables: { m: 2 } };
    expect(await bench.call('POST', `/api/workflow/${id}/state`, state)).toMatchObject({
      status: 200,
      body: { status: 'COMPLETED', variables: { n: 1, m: 2 }, output: { by: 'ada' } },
    });
    expect((await bench.call('POST', `/api/workflow/${id}/state`, state)).status).toBe(409);
  });

  it('keeps the output of a WAIT that stays in progress', async () => {
    const id = await start('approval');
    const path = `/api/tasks/${id}/wait_ref/IN_PROGRESS`;
    expect((await bench.call('POST', path, { half: true })).status).toBe(200);
    const { body } = await bench.call('GET', `/api/workflow/${id}`);
    expect(body).toMatchObject({ tasks: [{ status: 'IN_PROGRESS', outputData: { half: true } }] });
  });
});

describe('looking', () => {
  it('shows a run with its definition, with its tasks or without, or its status alone', async () => {
    const id = await start('order', { input: { x: null } });
    const whole = await bench.call('GET', `/api/workflow/${id}`);
    expect(whole.body).toMatchObject({
      workflowId: id,
      workflowName: 'order',
      workflowVersion: 1,
      workflowDefinition: { name: 'order' },
      input: { x: null },
      tasks: [{ taskType: 'charge', taskDefName: 'charge', status: 'SCHEDULED', retryCount: 0 }],
    });
    const bare = await bench.call('GET', `/api/workflow/${id}?includeTasks=false`);
    expect(bare.body).toMatchObject({ tasks: [] });
    const short = await bench.call('GET', `/api/workflow/${id}/status?includeVariables=true`);
    expect(short.body).toEqual({
      workflowId: id,
      correlationId: null,
      status: 'RUNNING',
      variables: {},
    });
  });

  it('pages through tasks, by status', async () => {
    const id = await start('order');
    const tasks = (query: string) => bench.call('GET', `/api/workflow/${id}/tasks?${query}`);
    expect((await tasks('status=SCHEDULED&status=FAILED')).body).toMatchObject({ totalHits: 1 });
    expect((await tasks('status=COMPLETED')).body).toEqual({ totalHits: 0, results: [] });
    expect((await tasks('start=1')).body).toMatchObject({ totalHits: 1, results: [] });
    expect((await tasks('status=NEVER')).status).toBe(400);
  });

  it('finds runs by definition, correlation and query', async () => {
    const correlationId = 'c/ü 1';
    const id = await start('approval', { correlationId });
    const running = await bench.call('GET', '/api/workflow/running/approval?version=1');
    expect(running.body).toContain(id);
    const encoded = encodeURIComponent(correlationId);
    const one = await bench.call('GET', `/api/workflow/approval/correlated/${encoded}`);
    expect(one.body).toMatchObject([{ workflowId: id, tasks: [] }]);
    const ids = [correlationId, 'nothing'];
    const many = await bench.call('POST', '/api/workflow/approval/correlated', ids);
    expect(many.body).toMatchObject({ [correlationId]: [{ workflowId: id }], nothing: [] });
    const query = encodeURIComponent(`workflowId="${id}" AND workflowType = 'approval'`);
    const found = await bench.call('GET', `/api/workflow/search?query=${query}&sort=&freeText=*`);
    expect(found.body).toMatchObject({
      totalHits: 1,
      results: [{ workflowId: id, startTime: expect.stringMatching(/^\d{4}-.*Z$/u) }],
    });
    const v2 = await bench.call('GET', `/api/workflow/search-v2?query=${query}`);
    expect(v2.body).toMatchObject({
      results: [{ workflowId: id, createTime: expect.any(Number) }],
    });
  });
});

describe('what cannot be answered', () => {
  it.each([
    ['GET', '/api/workflow/00-nobody00'],
    ['GET', '/api/workflow/00-nobody00/status'],
    ['GET', '/api/workflow/00-nobody00/tasks'],
    ['DELETE', '/api/workflow/00-nobody00'],
    ['PUT', '/api/workflow/00-nobody00/pause'],
    ['PUT', '/api/workflow/not%2Fan%20id/resume'],
    ['PUT', '/api/workflow/decide/00-nobody00'],
  ])('%s %s is 404 with a body that clients read', async (method, path) => {
    const { status, body } = await bench.call(method, path);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      status: 404,
      code: 'JN_RUN_NOT_FOUND',
      message: expect.stringContaining('No such workflow found by id: '),
      instance: 'bench',
      retryable: false,
    });
  });

  it.each([
    ['POST', '/api/workflow', '{"name":'],
    ['POST', '/api/workflow', '"order"'],
    ['POST', '/api/workflow', { name: 'order', priority: 'high' }],
    ['POST', '/api/workflow', { name: 'order', idempotencyStrategy: 'MAYBE' }],
    [
      'POST',
      '/api/workflow',
      `{"name":"order","input":{"x":${'['.repeat(500)}${']'.repeat(500)}}}`,
    ],
    ['POST', '/api/workflow', '{"name":"order","__proto__":{"x":1}}'],
    ['POST', '/api/workflow/order?version=one', {}],
    ['POST', '/api/workflow/order', [1]],
    ['POST', '/api/workflow/execute/quick/x', {}],
    ['POST', '/api/workflow/execute/quick/1?returnStrategy=ALL', {}],
    ['GET', '/api/workflow/search?query=colour%3Dred', undefined],
    ['GET', '/api/workflow/search?size=-1', undefined],
    ['GET', '/api/workflow/%E0%A4%A', undefined],
  ])('%s %s %j is 400', async (method, path, body) => {
    expect(await bench.call(method, path, body)).toMatchObject({
      status: 400,
      body: { status: 400 },
    });
  });

  it('names each field that is wrong', async () => {
    const request = { name: '', priority: 100 };
    const { body } = await bench.call('POST', '/api/workflow', request);
    expect(body).toMatchObject({
      message: 'Validation failed, check below errors for detail.',
      validationErrors: [{ path: 'name' }, { path: 'priority' }],
    });
  });

  it('is 404 for a definition that is not there', async () => {
    for (const path of ['/api/workflow/unknown', '/api/workflow/execute/unknown/1']) {
      expect(await bench.call('POST', path, {})).toMatchObject({
        status: 404,
        body: { code: 'JN_DEF_NOT_FOUND' },
      });
    }
  });
});
