import { createClient } from '@joinery/client';
import { eventually } from '@joinery/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';

let bench: ApiBench;
const letters = z.object({
  totalHits: z.number(),
  results: z.array(z.looseObject({ id: z.string() })),
});

beforeAll(async () => {
  bench = await openBench();
  const pay = { name: 'pay', taskReferenceName: 'pay', type: 'SIMPLE' };
  await bench.call('POST', '/api/metadata/workflow', { name: 'order', tasks: [pay] });
});
afterAll(() => bench.end());

async function failedRun(): Promise<string> {
  const { body: workflowInstanceId } = await bench.call('POST', '/api/workflow', { name: 'order' });
  const polled = await bench.call(
    'GET',
    '/api/tasks/poll/batch/pay?workerid=w&count=1&timeout=5000',
  );
  const [task] = z.array(z.looseObject({ taskId: z.string() })).parse(polled.body);
  const taskId = task?.taskId;
  const status = 'FAILED_WITH_TERMINAL_ERROR';
  const result = { taskId, workflowInstanceId, status, reasonForIncompletion: 'no money' };
  expect((await bench.call('POST', '/api/tasks', result)).status).toBe(200);
  await eventually(async () => {
    const run = await bench.call('GET', `/api/workflow/${String(workflowInstanceId)}`);
    expect(run.body).toMatchObject({ status: 'FAILED' });
  });
  // A search indexes what has moved, and so makes the letter.
  await bench.call('GET', '/api/workflow/search?query=status=FAILED');
  return taskId ?? '';
}

const path = (id: string, verb = '') => `/api/dead-letters/${encodeURIComponent(id)}${verb}`;

it('a failed task is a letter under its own id: it is looked at, edited, replayed', async () => {
  const id = await failedRun();
  const { body } = await bench.call('GET', '/api/dead-letters?definition=order');
  expect(letters.parse(body)).toMatchObject({ totalHits: 1, results: [{ id, status: 'open' }] });
  const edited = await bench.call('PUT', path(id, '/input'), { input: { amount: 5 } });
  expect(edited).toMatchObject({ status: 200, body: { newInput: { amount: 5 } } });
  expect((await bench.call('POST', path(id, '/replay'), { reason: 'x' })).status).toBe(200);
  expect((await bench.call('GET', path(id))).body).toMatchObject({
    status: 'replaying',
    reason: 'no money',
    events: [{ type: 'replay-asked', actor: 'api', reason: 'x' }, { type: 'edited' }, {}],
  });
  expect((await bench.call('POST', path(id, '/discard'), { reason: '' })).status).toBe(400);
  expect((await bench.call('POST', path(id, '/discard'), { reason: 'by hand' })).status).toBe(200);
  expect((await bench.call('POST', path(id, '/replay'))).status).toBe(409);
  const all = letters.parse((await bench.call('GET', '/api/dead-letters?status=all')).body);
  expect(all.results).toMatchObject([{ id, status: 'discarded' }]);
});

it('many are replayed with one call, and an unknown one is not there', async () => {
  const id = await failedRun();
  const many = { ids: [id, 'unknown'], perSecond: 100, reason: 'x' };
  expect((await bench.call('POST', '/api/dead-letters/replay', many)).body).toEqual({ count: 1 });
  expect((await bench.call('GET', path('unknown'))).status).toBe(404);
  expect((await bench.call('POST', '/api/dead-letters/replay', { ids: [] })).status).toBe(400);
});

it('the client sees to letters in the same way', async () => {
  const id = await failedRun();
  const { deadLetters } = createClient({ url: bench.url });
  const [letter] = await deadLetters.list({ definition: 'order', size: 1 });
  expect(letter).toMatchObject({ id, status: 'open', cause: 'exhausted', reason: 'no money' });
  await deadLetters.edit(id, { amount: 6 }, 'x');
  await deadLetters.replay(id, 'the bank is back');
  expect(await deadLetters.find(id)).toMatchObject({ status: 'replaying' });
  await deadLetters.discard(id, 'by hand');
  expect(await deadLetters.list({ status: 'discarded' })).toContainEqual(
    expect.objectContaining({ id }),
  );
});
