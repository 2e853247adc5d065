import { conductorTasksOf, conductorWorkflowOf } from '@joinery/contract';
import { TASK_STATUSES } from '@joinery/core';
import { readPayloads } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { flag, repeated, runPath, whole } from '../request-shape.ts';
import { findRun, viewRun } from '../run-view.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['workflow'];

/** Shows one run in Conductor's words: whole, its tasks, its status. */
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
