import { type ConductorWorkflow } from '@joinery/contract';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { findRuns, isOpen, oneOf, viewEntries } from '../find-runs.ts';
import { flag, runPath } from '../request-shape.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['workflow'];
/** Whole runs in one answer; whoever has more of one correlation id searches by page. */
const RUNS_LIMIT = 1_000;
const querystring = z.object({ includeClosed: flag(false), includeTasks: flag(false) });
const texts = z.array(z.string().max(1_024)).max(1_000);

/** Runs by what their starters call them: correlation ids. */
export function addCorrelatedRoutes(api: Api, parts: ServerParts): void {
  const one = z.object({ id: z.string(), correlationId: z.string() });
  api.get(
    '/api/workflow/:id/correlated/:correlationId',
    { schema: { tags: TAGS, params: one, querystring } },
    async ({ params: { id, correlationId }, query }) => {
      const wanted = { names: [id], correlationIds: [correlationId], ...query };
      return (await correlated(parts, wanted))[correlationId] ?? [];
    },
  );
  api.post(
    '/api/workflow/:id/correlated',
    { schema: { tags: TAGS, params: runPath, querystring, body: texts } },
    async ({ params: { id }, query, body: correlationIds }) =>
      correlated(parts, { names: [id], correlationIds, ...query }),
  );
  const body = z.object({ workflowNames: texts, correlationIds: texts });
  api.post(
    '/api/workflow/correlated/batch',
    { schema: { tags: TAGS, querystring, body } },
    async ({ query, body: { workflowNames: names, correlationIds } }) =>
      correlated(parts, { names, correlationIds, ...query }),
  );
}

interface Correlated {
  readonly names: readonly string[];
  readonly correlationIds: readonly string[];
  readonly includeClosed: boolean;
  readonly includeTasks: boolean;
}

/** Runs of each correlation id, newest first; an id without any has an empty list. */
async function correlated(
  parts: ServerParts,
  { names, correlationIds, includeClosed, includeTasks: withTasks }: Correlated,
): Promise<Readonly<Record<string, readonly ConductorWorkflow[]>>> {
  const conditions = [
    oneOf('correlationId', correlationIds),
    oneOf('definition', names),
    ...(includeClosed ? [] : [isOpen]),
  ];
  const order = { field: 'createdAt', isDescending: true } as const;
  const page = { start: 0, size: RUNS_LIMIT };
  const { entries } = await findRuns(parts, { conditions, words: [], order }, page);
  const views = await viewEntries(parts, entries, { withTasks });
  return Object.fromEntries(
    correlationIds.map((id) => [id, views.filter((view) => view.correlationId === id)]),
  );
}
