import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';
import { type EndpointRow, playRow, prepareEndpoints, routeOf } from './fixtures/endpoint-call.ts';
import { openApi } from './fixtures/fuzz-requests.ts';
import {
  definitionRows,
  eventRows,
  ownRows,
  schedulerRows,
  schemaRows,
  secretRows,
} from './fixtures/metadata-rows.ts';
import { taskRows } from './fixtures/task-rows.ts';
import { bulkRows, notYetRows, workflowRows } from './fixtures/workflow-rows.ts';

let bench: ApiBench;
beforeAll(async () => {
  bench = await openBench();
  await prepareEndpoints(bench);
});
afterAll(() => bench.end());

const groups: Readonly<Record<string, readonly EndpointRow[]>> = {
  workflow: workflowRows,
  'workflow/bulk': bulkRows,
  tasks: taskRows,
  metadata: definitionRows,
  event: eventRows,
  schema: schemaRows,
  secrets: secretRows,
  scheduler: schedulerRows,
  'what is Joinery’s own': ownRows,
  'what is not carried out': notYetRows,
};

describe.each(Object.entries(groups))('%s', (_name, rows) => {
  it.each(rows.map((row, index) => [index, row[3], row[0], row[1], row] as const))(
    '%i: %i for %s %s',
    async (_index, _status, _method, _path, row) => {
      const { found, expected } = await playRow(bench, row);
      expect(found).toEqual(expected);
    },
  );
});

it('no documented endpoint is without a row', async () => {
  const { paths } = openApi.parse((await bench.call('GET', '/api-docs')).body);
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const pinned = new Set(Object.values(groups).flat().map(routeOf));
  expect(documented.filter((route) => !pinned.has(route))).toEqual([]);
  expect([...pinned].filter((route) => !documented.includes(route))).toEqual([]);
});
