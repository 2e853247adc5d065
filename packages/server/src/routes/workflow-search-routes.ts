import { bulkIdsSchema, runQueryOf, workflowSummaryOf } from '@joinery/contract';
import { type RunCondition, type RunEntry } from '@joinery/core';
import { LOOK_LIMIT } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { findRuns, isOpen, oneOf, viewEntries } from '../find-runs.ts';
import { findTasks } from '../find-tasks.ts';
import { flag, runPath, whole } from '../request-shape.ts';
import { runIdOfPath } from '../request-value.ts';
import { type ServerParts } from '../server-parts.ts';
import { searchQuery } from './search-query.ts';

const TAGS = ['workflow'];
const MAX_MOMENT = Number.MAX_SAFE_INTEGER - 1;

/** Runs without one that waits for them. */
const isTopLevel: RunCondition = { type: 'one-of', field: 'parentId', values: [''] };

/** Finds runs: by Conductor's query language, by their tasks, by name while they go on. */
export function addWorkflowSearchRoutes(api: Api, parts: ServerParts): void {
  const schema = { tags: TAGS, querystring: searchQuery };
  for (const path of ['/api/workflow/search', '/api/workflow/search-v2'] as const) {
    api.get(path, { schema }, async ({ query: { start, size, topLevelOnly, ...text } }) => {
      const wanted = runQueryOf(text);
      const conditions = [...wanted.conditions, ...(topLevelOnly ? [isTopLevel] : [])];
      const page = { start, size };
      const { entries, total, isTotalExact } = await findRuns(
        parts,
        { ...wanted, conditions },
        page,
      );
      const results = path.endsWith('v2')
        ? await viewEntries(parts, entries, { withTasks: true })
        : await Promise.all(entries.map((entry) => summaryOf(parts, entry)));
      return { totalHits: total, results, ...(isTotalExact ? {} : { lookedAt: LOOK_LIMIT }) };
    });
  }
  for (const path of ['/api/workflow/search-by-tasks', '/api/workflow/search-by-tasks-v2']) {
    api.get(path, { schema }, async ({ query: { start, size, ...text } }) => {
      const { results: tasks } = await findTasks(parts, text, { start: 0, size: MAX_MOMENT });
      const runIds = [...new Set(tasks.map((task) => task.workflowInstanceId))].map(runIdOfPath);
      const shown = runIds.slice(start, start + size);
      const views = await viewEntries(
        parts,
        shown.map((runId) => ({ runId })),
        { withTasks: true },
      );
      return { totalHits: runIds.length, results: views };
    });
  }
  addRunningRoute(api, parts);
  addBulkSearchRoute(api, parts);
}

async function summaryOf({ engine: { store } }: ServerParts, entry: RunEntry) {
  const [input, output] = await Promise.all([
    store.payload(entry.runId, 'run:input'),
    store.payload(entry.runId, 'run:output'),
  ]);
  return workflowSummaryOf(entry, { input, output });
}

function addRunningRoute(api: Api, parts: ServerParts): void {
  const running = z.object({
    version: whole(0, 2_147_483_647).optional(),
    startTime: whole(0, MAX_MOMENT).optional(),
    endTime: whole(0, MAX_MOMENT).optional(),
  });
  /** Ids are short; whoever has more than this searches by page. */
  const size = 10_000;
  api.get(
    '/api/workflow/running/:id',
    { schema: { tags: TAGS, params: runPath, querystring: running } },
    async ({ params: { id: name }, query: { version, startTime = null, endTime = null } }) => {
      const conditions: readonly RunCondition[] = [
        oneOf('definition', [name]),
        isOpen,
        { type: 'between', field: 'createdAt', from: startTime, to: endTime },
        ...(version === undefined ? [] : [oneOf('definitionVersion', [String(version)])]),
      ];
      const order = { field: 'createdAt', isDescending: true } as const;
      const { entries } = await findRuns(
        parts,
        { conditions, words: [], order },
        { start: 0, size },
      );
      return entries.map(({ runId }) => runId);
    },
  );
}

/** Whole runs by their ids, as Conductor's bulk requests answer. */
function addBulkSearchRoute(api: Api, parts: ServerParts): void {
  const querystring = z.object({ includeTasks: flag(true) });
  api.post(
    '/api/workflow/bulk/search',
    { schema: { tags: ['workflow-bulk'], body: bulkIdsSchema, querystring } },
    async ({ body, query: { includeTasks: withTasks } }) => {
      const asked = body.map((id) => ({ runId: runIdOfPath(id) }));
      const found = await viewEntries(parts, asked, { withTasks });
      const known = new Set<string>(found.map(({ workflowId }) => workflowId));
      const missing = body.filter((id) => !known.has(id));
      const bulkErrorResults = Object.fromEntries(
        missing.map((id) => [id, `No such workflow found by id: ${id}`]),
      );
      const message = 'Bulk Request has been processed.';
      return { bulkErrorResults, bulkSuccessfulResults: found, message };
    },
  );
}
