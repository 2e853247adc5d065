import { createScheduleRunner } from '@joinery/scheduler';
import { eventually } from '@joinery/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench, simple } from './fixtures/api-bench.ts';

let bench: ApiBench;
/** Two nodes that serve schedules. */
let nodes: readonly ReturnType<typeof createScheduleRunner>[];

beforeAll(async () => {
  bench = await openBench();
  nodes = [createScheduleRunner(bench.open), createScheduleRunner(bench.open)];
  for (const node of nodes) await node.start(new AbortController().signal);
  const definition = { name: 'report', tasks: [simple('a')] };
  await bench.call('POST', '/api/metadata/workflow', definition);
});
afterAll(async () => {
  for (const node of nodes) await node.stop();
  await bench.end();
});

const save = (body: object) => bench.call('POST', '/api/scheduler/schedules', body);
const nightly = {
  name: 'nightly',
  cronExpression: '0 0 3 * * ?',
  zoneId: 'Europe/Berlin',
  startWorkflowRequest: { name: 'report', input: { day: '${sessionDate}' } },
};
const found = z.object({
  totalHits: z.number(),
  results: z.array(
    z.looseObject({
      workflowId: z.string().nullable(),
      scheduledTime: z.number(),
      state: z.string(),
    }),
  ),
});

async function executions(name: string) {
  const path = `/api/scheduler/search/executions?query=scheduleName IN (${name})`;
  return found.parse((await bench.call('GET', path)).body).results;
}

describe('the scheduler', () => {
  it('keeps a schedule in Conductor’s words; sent back as it is, it changes nothing', async () => {
    const saved = await save({ ...nightly, createdBy: 'somebody' });
    expect(saved).toMatchObject({
      status: 200,
      body: {
        ...nightly,
        startWorkflowRequest: { name: 'report', input: { day: '${sessionDate}' } },
        paused: false,
        runCatchupScheduleInstances: false,
        nextRunTime: expect.any(Number),
      },
    });
    for (const timing of [
      { cronExpression: null, daily: '07:00:00', jitter: '90s', skipDelayedBy: '3600s' },
      { cronExpression: '', interval: '5m', runCatchupScheduleInstances: true },
      { cronExpression: null, cronSchedules: [{ cronExpression: '0 4 * * *', zoneId: 'UTC' }] },
    ]) {
      const first = await save({ ...nightly, name: 'round', ...timing });
      const again = await save(z.looseObject({}).parse(first.body));
      expect(again.status).toBe(200);
      expect({ ...z.looseObject({}).parse(again.body), updatedTime: 0 }).toEqual({
        ...z.looseObject({}).parse(first.body),
        updatedTime: 0,
      });
    }
    expect((await bench.call('DELETE', '/api/scheduler/schedules/round')).status).toBe(200);
  });

  it('lists, searches, pauses and resumes', async () => {
    await save(nightly);
    const path = '/api/scheduler/schedules';
    expect((await bench.call('GET', `${path}?workflowName=other`)).body).toEqual([]);
    expect((await bench.call('GET', `${path}?workflowName=report`)).body).toMatchObject([
      { name: 'nightly' },
    ]);
    expect((await bench.call('GET', `${path}/search?size=1`)).body).toMatchObject({ totalHits: 1 });
    await bench.call('PUT', `${path}/nightly/pause?reason=holiday`);
    expect((await bench.call('GET', `${path}/nightly`)).body).toMatchObject({
      paused: true,
      pausedReason: 'holiday',
    });
    await bench.call('PUT', `${path}/nightly/resume`);
    expect((await bench.call('GET', `${path}/nightly`)).body).toMatchObject({ paused: false });
    const bulk = await bench.call('PUT', '/api/scheduler/bulk/pause', ['nightly', 'nobody']);
    expect(bulk.body).toMatchObject({
      bulkSuccessfulResults: ['nightly'],
      bulkErrorResults: { nobody: expect.stringContaining('nobody') },
    });
    await bench.call('PUT', '/api/scheduler/bulk/resume', ['nightly']);
  });

  it('shows the next moments of a pattern', async () => {
    const from = Date.parse('2030-01-01T00:00:00Z');
    const query = `cronExpression=0 30 12 * * ?&scheduleStartTime=${from}&limit=2`;
    expect((await bench.call('GET', `/api/scheduler/nextFewSchedules?${query}`)).body).toEqual([
      from + 12.5 * 3_600_000,
      from + 36.5 * 3_600_000,
    ]);
  });

  it.each([
    ['POST', '/api/scheduler/schedules', { ...nightly, cronExpression: 'x' }, 400],
    ['POST', '/api/scheduler/schedules', { name: 'x' }, 400],
    ['GET', '/api/scheduler/schedules/nobody', undefined, 404],
    ['DELETE', '/api/scheduler/schedules/nobody', undefined, 404],
    ['PUT', '/api/scheduler/schedules/nobody/pause', undefined, 404],
    ['GET', '/api/scheduler/search/executions?query=a>b', undefined, 400],
    ['GET', '/api/scheduler/nextFewSchedules?cronExpression=61 * * * *', undefined, 400],
    ['GET', '/api/scheduler/backfills/nobody', undefined, 404],
  ])('answers %s %s with what is wrong', async (method, path, body, status) => {
    const answer = await bench.call(method, path, body);
    expect(answer).toMatchObject({ status, body: { code: expect.stringMatching(/^JN_/) } });
  });

  it('starts one run per firing on two nodes, and follows a change within a second', async () => {
    const everySecond = { ...nightly, name: 'live', cronExpression: '* * * * * *' };
    await save(everySecond);
    await save({ ...everySecond, name: 'other' });
    await eventually(async () => expect((await executions('live')).length).toBeGreaterThan(1));
    const changedAt = Date.now();
    await save({ ...everySecond, cronExpression: '0 0 3 * * ?' });
    await bench.call('DELETE', '/api/scheduler/schedules/other');
    await save({ ...everySecond, name: 'new' });
    await eventually(async () => expect((await executions('new')).length).toBeGreaterThan(2));
    const live = await executions('live');
    // The old calendar is gone: what it was to fire later than a second after the change was not fired.
    expect(Math.max(...live.map(({ scheduledTime }) => scheduledTime))).toBeLessThan(
      changedAt + 1_000,
    );
    const sessions = live.map(({ scheduledTime }) => scheduledTime);
    expect(new Set(sessions).size).toBe(sessions.length);
    const runs = (await bench.open.store.list(100)).length;
    await bench.call('DELETE', '/api/scheduler/schedules/new');
    expect(new Set(live.map(({ workflowId }) => workflowId)).size).toBe(live.length);
    expect(runs).toBeGreaterThanOrEqual(live.length);
  });

  it('runs past sessions after all', async () => {
    await save(nightly);
    const path = '/api/scheduler/schedules/nightly/backfill';
    const from = Date.parse('2026-05-01T00:00:00Z');
    const range = { name: 'may', from, to: from + 2 * 86_400_000 };
    const dry = await bench.call('POST', path, { ...range, dryRun: true });
    expect(dry).toMatchObject({
      status: 200,
      body: { sessions: [from + 3_600_000, from + 25 * 3_600_000] },
    });
    expect((await bench.call('GET', '/api/scheduler/backfills/may')).status).toBe(404);
    expect((await bench.call('POST', path, { ...range, parallel: 2 })).status).toBe(200);
    await eventually(async () => {
      const { body } = await bench.call('GET', '/api/scheduler/backfills/may');
      expect(body).toMatchObject({ doneCount: 2, executions: [{ state: 'EXECUTED' }, {}] });
    });
    expect((await bench.call('POST', path, { ...range, count: 1 })).status).toBe(409);
  });
});
