import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiBench, openBench, simple } from './fixtures/api-bench.ts';

let bench: ApiBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.end());

const definition = (name: string, version = 1) => ({ name, version, tasks: [simple('charge')] });
const workflows = '/api/metadata/workflow';
const taskDefs = '/api/metadata/taskdefs';

/** Versions of `many` among definitions. */
function versionsIn(body: unknown): readonly unknown[] {
  if (!Array.isArray(body)) return [];
  return body.filter(({ name }) => name === 'many').map(({ version }) => version as unknown);
}

describe('workflow definitions', () => {
  it('are registered once, and overwritten only when told', async () => {
    expect(await bench.call('POST', workflows, definition('once'))).toMatchObject({
      status: 200,
      body: '',
    });
    expect(await bench.call('POST', workflows, definition('once'))).toMatchObject({
      status: 409,
      body: { code: 'JN_DEF_EXISTS', message: 'Workflow with once.1 already exists!' },
    });
    const changed = { ...definition('once'), description: 'changed' };
    expect((await bench.call('POST', `${workflows}?overwrite=true`, changed)).status).toBe(200);
    expect((await bench.call('GET', `${workflows}/once`)).body).toMatchObject(changed);
  });

  it('are replaced in lists, or not at all when one is bad', async () => {
    const list = [definition('listed'), definition('listed', 2)];
    expect(await bench.call('PUT', workflows, list)).toMatchObject({
      status: 200,
      body: { bulkErrorResults: {}, bulkSuccessfulResults: ['listed', 'listed'] },
    });
    const bad = [definition('halfway'), { name: 'halfway', version: 2, tasks: [] }];
    expect((await bench.call('PUT', workflows, bad)).status).toBe(400);
    expect((await bench.call('GET', `${workflows}/halfway`)).status).toBe(404);
  });

  it('are found by version, the latest without one, and listed', async () => {
    await bench.call('PUT', workflows, [definition('many'), definition('many', 3)]);
    expect((await bench.call('GET', `${workflows}/many`)).body).toMatchObject({ version: 3 });
    const first = await bench.call('GET', `${workflows}/many?version=1`);
    expect(first.body).toMatchObject({ version: 1 });
    expect((await bench.call('GET', `${workflows}/many?version=2`)).status).toBe(404);
    expect((await bench.call('GET', `${workflows}/many/versions`)).body).toEqual([1, 3]);
    expect((await bench.call('GET', `${workflows}/names`)).body).toContain('many');
    const named = await bench.call('GET', `${workflows}/names-and-versions`);
    expect(named.body).toMatchObject({ many: [{ version: 1 }, { version: 3 }] });
    const all = await bench.call('GET', workflows);
    const latest = await bench.call('GET', `${workflows}/latest-versions`);
    expect(versionsIn(all.body)).toEqual([1, 3]);
    expect(versionsIn(latest.body)).toEqual([3]);
  });

  it('are removed once', async () => {
    await bench.call('POST', workflows, definition('gone'));
    expect((await bench.call('DELETE', `${workflows}/gone/1`)).status).toBe(200);
    expect((await bench.call('DELETE', `${workflows}/gone/1`)).status).toBe(404);
    expect((await bench.call('DELETE', `${workflows}/gone/latest`)).status).toBe(400);
  });

  it('are checked without being kept', async () => {
    const validate = `${workflows}/validate`;
    expect((await bench.call('POST', validate, definition('checked'))).status).toBe(200);
    expect((await bench.call('GET', `${workflows}/checked`)).status).toBe(404);
    const bad = { name: 'bad', tasks: [simple('a'), simple('a')] };
    expect(await bench.call('POST', validate, bad)).toMatchObject({
      status: 400,
      body: { validationErrors: [{ path: expect.any(String), message: expect.any(String) }] },
    });
  });

  it.each([[[]], ['text'], [null], [{}], [{ name: 'x' }]])('%j is refused', async (body) => {
    expect((await bench.call('POST', workflows, body)).status).toBe(400);
  });
});

describe('task definitions', () => {
  it('are registered in lists, replaced one by one, also when they are new', async () => {
    const list = [{ name: 'a', retryCount: 1 }, { name: 'b' }];
    expect((await bench.call('POST', taskDefs, list)).status).toBe(200);
    const one = { name: 'c', timeoutSeconds: 3_600, totalTimeoutSeconds: 0 };
    expect((await bench.call('PUT', taskDefs, one)).status).toBe(200);
    const found = await bench.call('GET', `${taskDefs}/a`);
    expect(found.body).toMatchObject({ name: 'a', retryCount: 1, responseTimeoutSeconds: 3_600 });
    const all = await bench.call('GET', taskDefs);
    expect(all.body).toMatchObject([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
  });

  it('are removed once', async () => {
    await bench.call('PUT', taskDefs, { name: 'gone' });
    expect((await bench.call('DELETE', `${taskDefs}/gone`)).status).toBe(200);
    for (const method of ['GET', 'DELETE']) {
      expect(await bench.call(method, `${taskDefs}/gone`)).toMatchObject({
        status: 404,
        body: { message: 'No such taskType found by name: gone' },
      });
    }
  });

  it.each([
    ['POST', { name: 'a' }],
    ['PUT', [{ name: 'a' }]],
    ['PUT', { retryCount: 1 }],
    ['PUT', { name: 'x', timeoutSeconds: 5, responseTimeoutSeconds: 10 }],
  ])('%s %j is refused', async (method, body) => {
    expect((await bench.call(method, taskDefs, body)).status).toBe(400);
  });
});

describe('everything else', () => {
  it('is described at /api-docs by the schemas that validate', async () => {
    const { status, body } = await bench.call('GET', '/api-docs');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      openapi: '3.1.0',
      paths: {
        '/api/workflow': {
          post: {
            requestBody: {
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    required: ['name'],
                    properties: { priority: { minimum: 0, maximum: 99 } },
                  },
                },
              },
            },
          },
        },
        '/api/tasks/poll/batch/{type}': { get: expect.any(Object) },
      },
    });
  });

  it('says its version and its health as Conductor does', async () => {
    expect(await bench.call('GET', '/api/version')).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^\d+\.\d+\.\d+/u),
    });
    expect((await bench.call('GET', '/api/health')).body).toMatchObject({
      healthy: true,
      healthResults: [{ healthy: true }],
    });
  });

  it('keeps event handlers, and refuses those that could have no effect', async () => {
    const actions = [{ action: 'start_workflow', start_workflow: { name: 'order' } }];
    const handler = { name: 'h', event: 'redis:orders', active: true, actions };
    expect((await bench.call('POST', '/api/event', handler)).status).toBe(200);
    const off = { ...handler, name: 'off', condition: null, active: false };
    expect((await bench.call('PUT', '/api/event', off)).status).toBe(404);
    expect((await bench.call('POST', '/api/event', { ...off, active: true })).status).toBe(200);
    expect((await bench.call('PUT', '/api/event', off)).status).toBe(200);
    const all = [handler, { name: 'off', event: 'redis:orders', active: false, actions }];
    expect((await bench.call('GET', '/api/event')).body).toEqual(all);
    expect((await bench.call('GET', '/api/event/redis:orders')).body).toEqual([handler]);
    const inactive = '/api/event/redis:orders?activeOnly=false';
    expect((await bench.call('GET', inactive)).body).toEqual(all);
    expect((await bench.call('GET', '/api/event/handler/h')).body).toEqual(handler);
    expect((await bench.call('DELETE', '/api/event/h')).status).toBe(200);
    expect((await bench.call('DELETE', '/api/event/h')).status).toBe(404);
    expect((await bench.call('DELETE', '/api/event/off')).status).toBe(200);
    expect((await bench.call('GET', '/api/event')).body).toEqual([]);
  });

  it.each([
    [{ event: 'sqs:orders' }, /not published to sqs/u],
    [{ event: 'conductor' }, /conductor:<workflow>:<name>/u],
    [{ actions: [] }, /actions/u],
    [{ actions: [{ action: 'update_workflow_variables' }] }, /actions/u],
    [{ actions: [{ action: 'complete_task', complete_task: {} }] }, /taskRefName/u],
    [{ actions: [{ action: 'start_workflow', start_workflow: {} }] }, /start_workflow/u],
    [{ evaluatorType: 'python' }, /evaluatorType/u],
  ])('refuses the event handler %j', async (wrong, said) => {
    const actions = [{ action: 'start_workflow', start_workflow: { name: 'order' } }];
    const handler = { name: 'h', event: 'redis:orders', actions, ...wrong };
    const { status, body } = await bench.call('POST', '/api/event', handler);
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringMatching(said)]);
  });
});

describe('the list of definitions', () => {
  it('is named by its content, and sent to nobody who has it', async () => {
    const first = await bench.call('GET', '/api/metadata/workflow');
    const etag = first.headers.get('etag') ?? '';
    const again = { 'if-none-match': etag };
    const same = await bench.call('GET', '/api/metadata/workflow', undefined, again);
    expect(same).toMatchObject({ status: 304, body: '' });
    const tasks = [{ name: 't', taskReferenceName: 't', type: 'SIMPLE' }];
    await bench.call('PUT', '/api/metadata/workflow', [{ name: 'one-more', version: 1, tasks }]);
    const changed = await bench.call('GET', '/api/metadata/workflow', undefined, again);
    expect(changed.status).toBe(200);
    expect(changed.body).toContainEqual(expect.objectContaining({ name: 'one-more' }));
    expect(changed.headers.get('cache-control')).toBe('no-cache');
  });
});
