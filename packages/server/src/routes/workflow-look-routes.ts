import {
  conductorTasksOf,
  conductorWorkflowOf,
  type ConductorWorkflow,
  workflowSummaryOf,
} from '@joinery/contract';
import { isTerminalRun, TASK_STATUSES } from '@joinery/core';
import { readPayloads } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { flag, repeated, runPath, whole } from '../request-shape.ts';
import { SCAN_LIMIT, searchRuns } from '../run-search.ts';
import { findRun, viewRun } from '../run-view.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['workflow'];
const MAX_MOMENT = Number.MAX_SAFE_INTEGER;

/** Shows runs in Conductor's words: one, its tasks, its status, lists. Lists look at the newest 1,000 runs. */
export function addWorkflowLookRoutes(api: Api, parts: ServerParts): void {
  const { engine } = parts;
  api.get(
    '/api/workflow/:id',
    {
      schema: { tags: TAGS, params: runPath, querystring: z.object({ includeTasks: flag(true) }) },
    },
    async ({ params: { id }, query: { includeTasks: withTasks } }) =>
      conductorWorkflowOf(await viewRun(engine, id, { withTasks })),
  );
  api.get(
    '/api/workflow/:id/status',
    {
      schema: {
        tags: TAGS,
        params: runPath,
        querystring: z.object({ includeOutput: flag(false), includeVariables: flag(false) }),
      },
    },
    async ({ params: { id }, query }) => {
      const shown = conductorWorkflowOf(await viewRun(engine, id, { withTasks: false }));
      const { workflowId, correlationId, status, output, variables } = shown;
      return {
        workflowId,
        correlationId,
        status,
        ...(query.includeOutput ? { output } : {}),
        ...(query.includeVariables ? { variables } : {}),
      };
    },
  );
  addTasksRoute(api, parts);
  addCorrelatedRoutes(api, parts);
  addListRoutes(api, parts);
}

function addTasksRoute(api: Api, { engine }: ServerParts): void {
  const page = z.object({
    start: whole(0, 1_000_000).default(0),
    count: whole(1, 1_000).default(15),
    status: repeated.pipe(z.array(z.enum(TASK_STATUSES))),
  });
  api.get(
    '/api/workflow/:id/tasks',
    { schema: { tags: TAGS, params: runPath, querystring: page } },
    async ({ params: { id }, query: { start, count, status } }) => {
      const run = await findRun(engine, id);
      const all = await engine.store.rows(run.id);
      const rows = status.length === 0 ? all : all.filter((row) => status.includes(row.status));
      const shown = rows.slice(start, start + count);
      const payloads = await readPayloads(engine, run.id, shown);
      const ids = new Set(shown.map(({ seq }) => seq));
      // Which attempts were replaced is seen from all rows.
      const tasks = conductorTasksOf({ run, rows: all, payloads });
      return { totalHits: rows.length, results: tasks.filter(({ seq }) => ids.has(seq)) };
    },
  );
}

function addCorrelatedRoutes(api: Api, parts: ServerParts): void {
  const query = z.object({ includeClosed: flag(false), includeTasks: flag(false) });
  api.get(
    '/api/workflow/:id/correlated/:correlationId',
    {
      schema: {
        tags: TAGS,
        params: z.object({ id: z.string(), correlationId: z.string() }),
        querystring: query,
      },
    },
    async ({ params: { id, correlationId }, query: wanted }) => {
      const found = await correlated(parts, id, { ids: [correlationId], ...wanted });
      return found.get(correlationId) ?? [];
    },
  );
  api.post(
    '/api/workflow/:id/correlated',
    {
      schema: {
        tags: TAGS,
        params: runPath,
        querystring: query,
        body: z.array(z.string()).max(1_000),
      },
    },
    async ({ params: { id }, query: wanted, body: ids }) =>
      Object.fromEntries(await correlated(parts, id, { ids, ...wanted })),
  );
}

interface Correlated {
  readonly ids: readonly string[];
  readonly includeClosed: boolean;
  readonly includeTasks: boolean;
}

async function correlated(
  { engine }: ServerParts,
  name: string,
  { ids, includeClosed, includeTasks: withTasks }: Correlated,
): Promise<ReadonlyMap<string, readonly ConductorWorkflow[]>> {
  const listed = await engine.store.list(SCAN_LIMIT);
  const named = listed.filter(
    ({ definition, status }) => definition === name && (includeClosed || !isTerminalRun(status)),
  );
  const found = new Map<string, ConductorWorkflow[]>(ids.map((id) => [id, []]));
  for (const { runId } of named) {
    const run = await engine.store.find(runId);
    const list = run === null ? undefined : found.get(run.correlationId);
    if (list) list.push(conductorWorkflowOf(await viewRun(engine, runId, { withTasks })));
  }
  return found;
}

function addListRoutes(api: Api, { engine }: ServerParts): void {
  const running = z.object({
    version: whole(0, 2_147_483_647).optional(),
    startTime: whole(0, MAX_MOMENT).default(0),
    endTime: whole(0, MAX_MOMENT).default(MAX_MOMENT),
  });
  api.get(
    '/api/workflow/running/:id',
    { schema: { tags: TAGS, params: runPath, querystring: running } },
    async ({ params: { id: name }, query: { version, startTime, endTime } }) => {
      const listed = await engine.store.list(SCAN_LIMIT);
      return listed
        .filter((run) => run.definition === name && !isTerminalRun(run.status))
        .filter((run) => version === undefined || run.version === version)
        .filter(({ createdAt }) => createdAt >= startTime && createdAt <= endTime)
        .map(({ runId }) => runId);
    },
  );
  const search = z.object({
    start: whole(0, 1_000_000).default(0),
    size: whole(0, 5_000).default(100),
    sort: z.string().default(''),
    freeText: z.string().default('*'),
    query: z.string().max(10_000).default(''),
  });
  for (const path of ['/api/workflow/search', '/api/workflow/search-v2']) {
    api.get(
      path,
      { schema: { tags: TAGS, querystring: search } },
      async ({ query: { start, size, ...wanted } }) => {
        const found = searchRuns(await engine.store.list(SCAN_LIMIT), wanted);
        const shown = found.slice(start, start + size);
        const results = path.endsWith('v2')
          ? await Promise.all(
              shown.map(async ({ runId }) => conductorWorkflowOf(await viewRun(engine, runId))),
            )
          : shown.map(workflowSummaryOf);
        return { totalHits: found.length, results };
      },
    );
  }
}
