import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';

let bench: ApiBench;
const target = 'https://bank.example/pay?a=1';

beforeAll(async () => {
  bench = await openBench();
  const circuitBreaker = { minCalls: 2, probes: 1, whenOpen: 'FAIL' };
  await bench.call('POST', '/api/metadata/taskdefs', [
    { name: 'pay', retryCount: 0, circuitBreaker },
  ]);
  const pay = { name: 'pay', taskReferenceName: 'pay', type: 'SIMPLE', circuitTarget: target };
  await bench.call('POST', '/api/metadata/workflow', { name: 'order', tasks: [pay] });
});
afterAll(() => bench.end());

async function failedRun(): Promise<void> {
  const { body: workflowInstanceId } = await bench.call('POST', '/api/workflow', { name: 'order' });
  const path = '/api/tasks/poll/batch/pay?workerid=w&count=1&timeout=5000';
  const polled = await bench.call('GET', path);
  const [task] = z.array(z.looseObject({ taskId: z.string() })).parse(polled.body);
  const result = { taskId: task?.taskId, workflowInstanceId, status: 'FAILED' };
  expect((await bench.call('POST', '/api/tasks', result)).status).toBe(200);
}

it('results of remote workers open a breaker, which is looked at and reset by its target', async () => {
  await failedRun();
  await failedRun();
  const one = `/api/circuits/one?target=${encodeURIComponent(target)}`;
  expect(await bench.call('GET', one)).toMatchObject({
    status: 200,
    body: { target, phase: 'open', trips: 1, events: [{ type: 'opened' }] },
  });
  expect((await bench.call('GET', '/api/circuits')).body).toMatchObject([{ target }]);
  const reset = { target, reason: 'it is well' };
  expect(await bench.call('POST', '/api/circuits/reset', reset)).toMatchObject({
    status: 200,
    body: { phase: 'closed', trips: 1 },
  });
  expect((await bench.call('GET', one)).body).toMatchObject({
    events: [{ type: 'reset', actor: 'api', reason: 'it is well' }, { type: 'opened' }],
  });
});

it('a target of which nobody has heard is not there', async () => {
  expect((await bench.call('GET', '/api/circuits/one?target=nobody')).status).toBe(404);
  expect((await bench.call('POST', '/api/circuits/reset', { target: 'nobody' })).status).toBe(404);
  expect((await bench.call('POST', '/api/circuits/reset', {})).status).toBe(400);
});
