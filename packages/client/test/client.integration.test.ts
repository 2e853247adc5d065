import { createClient, RequestRefusedError } from '@joinery/client';
import { openEngine } from '@joinery/engine';
import { createJoinCoordinator } from '@joinery/join-coordinator';
import {
  createMetrics,
  createRecordingLogger,
  createServiceGroup,
  parseConfig,
} from '@joinery/kit';
import { createServer } from '@joinery/server';
import { eventually, startRedis } from '@joinery/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ends: (() => Promise<unknown>)[] = [];
let client: ReturnType<typeof createClient>;

beforeAll(async () => {
  const redis = await startRedis();
  const [logger, metrics] = [createRecordingLogger(), createMetrics()];
  const config = parseConfig({ REDIS_URL: redis.url });
  const open = await openEngine({ config, logger, metrics, processId: 'client-test' });
  const { engine } = open;
  const server = createServer({ ...open, metrics, logger, host: '127.0.0.1', port: 0 });
  const services = [createJoinCoordinator(engine, { concurrency: 4 }), server];
  const bounds = { drainTimeoutMs: 1_000, stopTimeoutMs: 5_000 };
  const group = createServiceGroup({ services, logger, ...bounds });
  await group.start();
  ends.push(
    () => group.stop(),
    () => open.close(),
    async () => redis[Symbol.asyncDispose](),
  );
  client = createClient({ url: server.url() });
});
afterAll(async () => {
  for (const end of ends) await end();
});

const workflowDef = {
  name: 'asked',
  version: 1,
  tasks: [{ name: 'w', taskReferenceName: 'w', type: 'WAIT' }],
};

describe('the client', () => {
  it('starts a run once per key, signals it, and has its result', async () => {
    const request = { name: 'asked', workflowDef, input: { x: 1 }, idempotencyKey: 'k' };
    const runId = await client.start(request);
    expect(await client.start(request)).toBe(runId);
    const early = await client.result(runId, { withinMs: 50, everyMs: 10 });
    expect(early).toMatchObject({ status: 'RUNNING', input: { x: 1 }, reason: '' });
    const result = client.result(runId, { everyMs: 10 });
    await client.signal(runId, { by: 'me' });
    expect(await result).toMatchObject({ runId, status: 'COMPLETED', output: { by: 'me' } });
  });

  it('pauses, resumes and terminates', async () => {
    const runId = await client.start({ name: 'asked', workflowDef });
    await client.pause(runId);
    expect(await client.find(runId)).toMatchObject({ status: 'PAUSED' });
    await client.resume(runId);
    await client.terminate(runId, 'enough & more');
    await eventually(async () =>
      expect(await client.find(runId)).toMatchObject({
        status: 'TERMINATED',
        reason: 'enough & more',
      }),
    );
  });

  it('follows a run to its end, and goes on from what it knows', async () => {
    const runId = await client.start({ name: 'asked', workflowDef });
    const versions: number[] = [];
    const types: string[] = [];
    for await (const { version, event } of client.events(runId)) {
      versions.push(version);
      types.push(event.type);
      if (version === 1) await client.signal(runId, {});
    }
    expect(versions).toEqual(versions.map((_version, index) => index + 1));
    expect([types[0], types.at(-1)]).toEqual(['run.started', 'run.ended']);
    const rest: number[] = [];
    for await (const { version } of client.events(runId, { after: 2 })) rest.push(version);
    expect(rest).toEqual(versions.slice(2));
    const refused = await client
      .events('00-nobody00')
      .next()
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 404, code: 'JN_RUN_NOT_FOUND' });
  });

  it('says by which code it was refused', async () => {
    const refused = await client.start({ name: 'unknown' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RequestRefusedError);
    expect(refused).toMatchObject({ status: 404, code: 'JN_DEF_NOT_FOUND', isRetryable: false });
  });

  it('opens runs that have ended again, touches those that go on, and removes', async () => {
    const tasks = [...workflowDef.tasks, { name: 'x', taskReferenceName: 'x', type: 'WAIT' }];
    const runId = await client.start({ name: 'asked', workflowDef: { ...workflowDef, tasks } });
    await client.setVariables(runId, { v: 1 });
    await client.skip(runId, 'x', { skipped: true });
    await client.signal(runId, {});
    const ended = { status: 'COMPLETED', output: { skipped: true } };
    expect(await client.result(runId, { everyMs: 10 })).toMatchObject(ended);
    for (const open of ['restart', 'rerun'] as const) {
      await client[open](runId);
      expect(await client.find(runId)).toMatchObject({ status: 'RUNNING' });
      await client.terminate(runId);
      expect(await client.result(runId, { everyMs: 10 })).toMatchObject({ status: 'TERMINATED' });
    }
    await client.retry(runId);
    await client.terminate(runId);
    await client.result(runId, { everyMs: 10 });
    await client.remove(runId);
    const gone = await client.find(runId).catch((error: unknown) => error);
    expect(gone).toMatchObject({ status: 404, code: 'JN_RUN_NOT_FOUND' });
  });

  it('keeps schedules and event handlers', async () => {
    const start = { name: 'asked', input: {} };
    const schedule = { name: 'yearly', cronExpression: '0 0 0 1 1 ?', startWorkflowRequest: start };
    const put = await client.schedules.put(schedule);
    expect(put).toEqual({
      name: 'yearly',
      isPaused: false,
      reason: '',
      nextAt: expect.any(Number),
    });
    await client.schedules.pause('yearly', 'a & b');
    expect(await client.schedules.find('yearly')).toMatchObject({
      isPaused: true,
      reason: 'a & b',
    });
    await client.schedules.resume('yearly');
    expect(await client.schedules.list('asked')).toMatchObject([{ isPaused: false }]);
    expect(await client.schedules.list('another')).toEqual([]);
    await client.schedules.remove('yearly');
    const unknown = await client.schedules.find('yearly').catch((error: unknown) => error);
    expect(unknown).toMatchObject({ status: 404 });
    const actions = [{ action: 'start_workflow', start_workflow: { name: 'asked' } }] as const;
    const handler = { name: 'h', event: 'redis:x', active: false, actions: [...actions] };
    await client.eventHandlers.put(handler);
    expect(await client.eventHandlers.list()).toEqual([handler]);
    await client.eventHandlers.remove('h');
    expect(await client.eventHandlers.list()).toEqual([]);
  });

  it('sees to dead letters, and says who is alive', async () => {
    expect(await client.deadLetters.list({ status: 'all', size: 5 })).toEqual([]);
    const verbs = [
      client.deadLetters.find('a/b'),
      client.deadLetters.edit('a/b', {}, 'why'),
      client.deadLetters.replay('a/b', 'why'),
      client.deadLetters.discard('a/b', 'why'),
    ];
    for (const verb of await Promise.allSettled(verbs)) {
      expect(verb).toMatchObject({ status: 'rejected', reason: { status: 404 } });
    }
    expect(await client.fleet()).toMatchObject({ members: [] });
  });
});
