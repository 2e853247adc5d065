import { isJoineryError, parseRunId } from '@joinery/core';
import { type OpenEngine, openEngine } from '@joinery/engine';
import { createMetrics, createRecordingLogger, parseConfig } from '@joinery/kit';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createServer, type Server } from '../src/index.ts';

const board = z.object({
  queues: z.array(z.object({ name: z.string(), readOnlyMode: z.boolean() })),
});

const logger = createRecordingLogger();
const metrics = createMetrics();
const task = (name: string) => ({ name, taskReferenceName: `${name}_ref`, type: 'SIMPLE' });
const order = { name: 'order', version: 1, tasks: [task('charge'), task('ship')] };

let redis: RedisServer;
let open: OpenEngine;
let server: Server;

beforeAll(async () => {
  redis = await startRedis();
  const config = parseConfig({ REDIS_URL: redis.url });
  open = await openEngine({ config, logger, metrics, processId: 'server-1' });
  server = createServer({ ...partsOf(), host: '127.0.0.1', port: 0, bodyLimitBytes: 4_096 });
  await server.start(new AbortController().signal);
});

afterAll(async () => {
  await server.stop();
  await open.close();
  await redis[Symbol.asyncDispose]();
});

function partsOf() {
  return { ...open, metrics, logger };
}

async function get(path: string) {
  const response = await fetch(server.url() + path);
  return { status: response.status, headers: response.headers, body: await bodyOf(response) };
}

async function send(path: string, body: unknown, method = 'POST') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(server.url() + path, { method, headers, body: text });
  return { status: response.status, headers: response.headers, body: await bodyOf(response) };
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
}

async function startOrder(): Promise<string> {
  await send('/api/metadata/workflow', [order], 'PUT');
  const { status, body } = await send('/api/workflow', { name: 'order', input: { id: 7 } });
  expect(status).toBe(200);
  return String(body);
}

describe('the server', () => {
  it('says how it is, and how Redis is', async () => {
    const { status, body } = await get('/health');
    expect(status).toBe(200);
    const facts = { maxmemoryPolicy: 'noeviction', aofDelayedFsync: 0 };
    expect(body).toMatchObject({ healthy: true, role: 'server', details: { redis: facts } });
    expect((await get('/ready')).status).toBe(200);
  });

  it('says whether anybody carries runs on', async () => {
    const { status, body } = await get('/api/fleet');
    expect(status).toBe(200);
    expect(body).toEqual({ mode: 'ACTIVE', generation: 0, at: 0, by: '', members: [] });
  });

  it('has no way to be drained, unless its process has told it how', async () => {
    expect((await send('/drain', {})).status).toBe(404);
  });

  it('gives its metrics to Prometheus', async () => {
    const { status, headers, body } = await get('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/plain');
    expect(body).toContain('# TYPE joinery_');
  });

  it('registers a definition once, starts runs of it, and answers with the bare id', async () => {
    const mine = { ...order, name: 'once' };
    expect((await send('/api/metadata/workflow', mine)).status).toBe(200);
    const again = await send('/api/metadata/workflow', mine);
    expect(again).toMatchObject({ status: 409, body: { code: 'JN_DEF_EXISTS', status: 409 } });
    const { headers, body } = await send('/api/workflow', { name: 'once' });
    expect(headers.get('content-type')).toContain('text/plain');
    expect(
      (await open.store.list(100)).find(({ runId }) => runId === parseRunId(String(body))),
    ).toMatchObject({ definition: 'once' });
  });

  it('keeps task definitions, or none of a list with a bad one', async () => {
    const good = { name: 'charge', retryCount: 1 };
    expect((await send('/api/metadata/taskdefs', [good])).status).toBe(200);
    const bad = await send('/api/metadata/taskdefs', [{ name: 'other' }, { retryCount: 'x' }]);
    expect(bad.status).toBe(400);
    const names = (await open.definitions.getTasks(['charge', 'other'])).keys();
    expect([...names]).toEqual(['charge']);
  });

  it('shows a run in our words and in Conductor’s, without its secrets', async () => {
    const runId = await startOrder();
    const ours = await get(`/api/runs/${runId}`);
    expect(ours.body).toMatchObject({
      run: { id: runId, status: 'RUNNING', nonce: '' },
      tasks: [{ key: 'charge_ref', status: 'SCHEDULED', token: '' }],
      input: { id: 7 },
      output: null,
    });
    const theirs = await get(`/api/workflow/${runId}`);
    expect(theirs.body).toMatchObject({
      workflowId: runId,
      workflowName: 'order',
      status: 'RUNNING',
      input: { id: 7 },
      tasks: [{ referenceTaskName: 'charge_ref', taskType: 'charge', retryCount: 0 }],
    });
    const list = await get('/api/runs?limit=1');
    expect(list.body).toMatchObject({ runs: [{ runId, definition: 'order' }] });
  });

  it('tells the history in pages, and why a run does not move', async () => {
    const runId = await startOrder();
    const first = await get(`/api/runs/${runId}/history?limit=1`);
    expect(first.body).toMatchObject({ events: [{ version: 1 }], next: 2 });
    const rest = await get(`/api/runs/${runId}/history?from=2`);
    expect(rest.body).toMatchObject({ next: null });
    const { body } = await get(`/api/runs/${runId}/explain`);
    expect(body).toMatchObject({ causes: ['task charge_ref: no live worker runs charge'] });
  });

  it.each([
    ['/api/runs/00-nobody00', 404, 'JN_RUN_NOT_FOUND'],
    ['/api/runs/__proto__/explain', 404, 'JN_RUN_NOT_FOUND'],
    ['/api/workflow/..%2f..%2fkeys', 404, 'JN_RUN_NOT_FOUND'],
    ['/api/runs?limit=0', 400, 'JN_REQUEST_INVALID'],
    ['/api/runs?limit=9&limit=9', 400, 'JN_REQUEST_INVALID'],
    ['/nothing', 404, 'JN_REQUEST_INVALID'],
  ])('answers %s with %i %s and no stack', async (path, status, code) => {
    const { body, ...rest } = await get(path);
    expect({ status: rest.status, body }).toMatchObject({ status, body: { status, code } });
    expect(Object.keys(z.object({}).loose().parse(body))).not.toContain('stack');
  });

  it.each([
    ['no JSON', '{"name":', 400, 'JN_REQUEST_INVALID'],
    ['no request', [1], 400, 'JN_REQUEST_INVALID'],
    ['an unknown definition', { name: 'unknown' }, 404, 'JN_DEF_NOT_FOUND'],
    ['too much', { name: 'order', input: { x: 'x'.repeat(5_000) } }, 413, 'JN_PAYLOAD_TOO_LARGE'],
  ])('refuses a start that is %s', async (_what, body, status, code) => {
    expect(await send('/api/workflow', body)).toMatchObject({ status, body: { status, code } });
  });

  it('lists every problem of a bad definition', async () => {
    const bad = {
      name: 'bad',
      tasks: [task('a'), task('a'), { ...task('b'), type: 'USER_DEFINED' }],
    };
    const { status, body } = await send('/api/metadata/workflow', bad);
    expect(status).toBe(400);
    const { problems } = z.object({ problems: z.array(z.unknown()) }).parse(body);
    expect(problems.length).toBeGreaterThan(1);
  });

  it('takes nothing but JSON: a form of a foreign page starts no run', async () => {
    const headers = { 'content-type': 'text/plain' };
    const body = '{"name":"order"}';
    const answer = await fetch(`${server.url()}/api/workflow`, { method: 'POST', headers, body });
    expect(answer.status).toBe(415);
  });

  it('answers nobody who calls it by a foreign name', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example' };
      request(`${server.url()}/api/runs`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(400);
  });

  it('sends headers that keep pages out of frames and types as they are', async () => {
    const { headers } = await get('/api/runs');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('shows the queues that there are, also those that came later, and lets nobody change them', async () => {
    const page = await get('/queues');
    expect(page.status).toBe(200);
    expect(page.body).toContain('<div id="root">');
    await startOrder();
    const names = await eventually(async () => {
      const { body } = await get('/queues/api/queues');
      const { queues } = board.parse(body);
      expect(queues.map(({ name }) => name)).toEqual(['workflow-starts', 'charge']);
      return queues;
    });
    expect(names.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    const pause = await send('/queues/api/queues/charge/pause', {}, 'PUT');
    expect(pause.status).toBe(405);
    expect((await open.engine.queue.waiting('charge')).isPaused).toBe(false);
  });

  it('is not made for an address that others can reach', () => {
    let refused: unknown;
    try {
      createServer({ ...partsOf(), host: '0.0.0.0', port: 0 });
    } catch (error) {
      refused = error;
    }
    expect(isJoineryError(refused, 'JN_CONFIG_INVALID')).toBe(true);
  });

  it('says that it is leaving while it drains', async () => {
    const leaving = createServer({ ...partsOf(), host: '127.0.0.1', port: 0 });
    await leaving.start(new AbortController().signal);
    await leaving.drain();
    const answer = await fetch(`${leaving.url()}/health`);
    expect(answer.status).toBe(503);
    await leaving.stop();
    await expect(fetch(`${leaving.url()}/health`)).rejects.toThrow('fetch failed');
  });
});
