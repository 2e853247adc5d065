import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';

/** WAIT with a moment that never comes: it stays open, and nobody else has to do with it. */
const definitionOf = (name: string) => ({
  name,
  version: 1,
  tasks: [{ name: 'hold', taskReferenceName: 'hold', type: 'WAIT' }],
});

let bench: ApiBench;
const ids: string[] = [];
beforeAll(async () => {
  bench = await openBench();
  const definitions = ['order', 'invoice'].map(definitionOf);
  await bench.call('PUT', '/api/metadata/workflow', definitions);
  for (const [name, correlationId, input] of [
    ['order', 'customer-1', { n: 1 }],
    ['order', 'customer-2', { n: 2 }],
    ['invoice', 'customer-1', { n: 3 }],
    ['invoice', '', { n: 4 }],
  ] as const) {
    const { body } = await bench.call('POST', '/api/workflow', { name, correlationId, input });
    ids.push(String(body));
  }
  await bench.call('PUT', `/api/workflow/${ids[1]}/pause`);
  await bench.call('DELETE', `/api/workflow/${ids[3]}?reason=no%20money`);
});
afterAll(() => bench.end());

const page = z.object({
  totalHits: z.number(),
  results: z.array(z.record(z.string(), z.unknown())),
});
type Page = z.output<typeof page>;

async function search(path: string, params: Record<string, string>): Promise<Page> {
  const { status, body } = await bench.call('GET', `${path}?${new URLSearchParams(params)}`);
  expect(status).toBe(200);
  return page.parse(body);
}

/** Which of the runs, by the order in which they were started. */
async function found(query: string, more: Record<string, string> = {}): Promise<readonly number[]> {
  const { results, totalHits } = await search('/api/workflow/search', { query, ...more });
  expect('size' in more || totalHits === results.length).toBe(true);
  return results.map(({ workflowId }) => ids.indexOf(String(workflowId)));
}

describe('a search for runs', () => {
  it.each<[string, readonly number[]]>([
    ['', [3, 2, 1, 0]],
    ["workflowType = 'order'", [1, 0]],
    ['status IN (PAUSED, TERMINATED)', [3, 1]],
    ['status IN (RUNNING) AND workflowType IN (order,invoice)', [2, 0]],
    ['correlationId = "customer-1" AND startTime > 5', [2, 0]],
    ['correlationId = customer*', [2, 1, 0]],
    ['startTime > "2200-01-01T00:00:00Z"', []],
    ['endTime IS NOT NULL', [3]],
    ['scheduleName IN (nightly)', []],
  ])('by %j finds what has just happened', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('looks for free text, sorts and pages', async () => {
    expect(await found('', { freeText: 'MONEY' })).toEqual([3]);
    expect(await found('', { sort: 'startTime:ASC' })).toEqual([0, 1, 2, 3]);
    expect(await found('', { sort: 'status:DESC', freeText: 'order' })).toEqual([0, 1]);
    expect(await found('', { start: '1', size: '2' })).toEqual([2, 1]);
    const { totalHits } = await search('/api/workflow/search', { start: '1', size: '2' });
    expect(totalHits).toBe(4);
  });

  it('shows summaries with ISO moments and payloads as texts, and whole runs in v2', async () => {
    const query = `workflowId = ${ids[0]}`;
    const [summary] = (await search('/api/workflow/search', { query })).results;
    expect(summary).toMatchObject({
      workflowType: 'order',
      correlationId: 'customer-1',
      startTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u),
      endTime: null,
      input: '{"n":1}',
    });
    const [whole] = (await search('/api/workflow/search-v2', { query })).results;
    expect(whole).toMatchObject({ createTime: expect.any(Number), tasks: [{ taskType: 'WAIT' }] });
  });

  it('lists by name what goes on, and by correlation id', async () => {
    const running = await bench.call('GET', '/api/workflow/running/order?version=1');
    expect(running.body).toEqual([ids[1], ids[0]]);
    const body = { workflowNames: ['order', 'invoice'], correlationIds: ['customer-1', 'nobody'] };
    const batch = await bench.call('POST', '/api/workflow/correlated/batch', body);
    expect(batch.body).toMatchObject({
      'customer-1': [{ workflowId: ids[2], tasks: [] }, { workflowId: ids[0] }],
      nobody: [],
    });
    const bulk = await bench.call('POST', '/api/workflow/bulk/search', [ids[0], '00-nobody00']);
    expect(bulk.body).toMatchObject({
      bulkSuccessfulResults: [{ workflowId: ids[0] }],
      bulkErrorResults: { '00-nobody00': expect.stringContaining('No such workflow') },
    });
  });
});

describe('a search for tasks', () => {
  it.each<[string, readonly number[]]>([
    ['taskType = WAIT AND status = CANCELED', [3]],
    ['workflowType = order', [1, 0]],
    ['status IN (IN_PROGRESS) AND workflowType = invoice', [2]],
    ['taskType = HTTP', []],
  ])('by %j finds tasks, and runs by their tasks', async (query, expected) => {
    for (const path of ['/api/tasks/search', '/api/workflow/search-by-tasks']) {
      const { results, totalHits } = await search(path, { query });
      const runs = results.map(({ workflowId }) => ids.indexOf(String(workflowId)));
      expect({ path, runs, totalHits }).toEqual({
        path,
        runs: expected,
        totalHits: expected.length,
      });
    }
  });

  it('shows whole tasks in v2', async () => {
    const query = `workflowId = ${ids[0]}`;
    const { results } = await search('/api/tasks/search-v2', { query });
    expect(results).toMatchObject([
      { referenceTaskName: 'hold', scheduledTime: expect.any(Number) },
    ]);
  });

  it.each(['colour = red', 'startTime > soon'])('refuses %j', async (query) => {
    for (const path of ['/api/tasks/search', '/api/workflow/search-by-tasks']) {
      const answer = await bench.call('GET', `${path}?${new URLSearchParams({ query })}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'JN_REQUEST_INVALID' } });
    }
  });
});
