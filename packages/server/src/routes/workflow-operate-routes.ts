import { bulkIdsSchema } from '@joinery/contract';
import { decideRun } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { inTurn } from '../in-turn.ts';
import { operate, type RunWish } from '../operate.ts';
import { flag, runPath } from '../request-shape.ts';
import { findRun } from '../run-view.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['workflow'];
const reasonQuery = z.object({
  reason: z.string().max(1_024).optional(),
  triggerFailureWorkflow: flag(false),
});

/** Pause, resume, terminate, decide: one run, or many at once. */
export function addWorkflowOperateRoutes(api: Api, { engine }: ServerParts): void {
  for (const type of ['pause', 'resume'] as const) {
    api.put(
      `/api/workflow/:id/${type}`,
      { schema: { tags: TAGS, params: runPath } },
      async ({ params: { id } }, reply) => {
        await operate(engine, id, { type });
        return reply.send();
      },
    );
  }
  api.delete(
    '/api/workflow/:id',
    { schema: { tags: TAGS, params: runPath, querystring: reasonQuery } },
    async ({ params: { id }, query }, reply) => {
      const { reason = '', triggerFailureWorkflow: triggersFailureWorkflow } = query;
      await operate(engine, id, { type: 'terminate', reason, triggersFailureWorkflow });
      return reply.send();
    },
  );
  api.put(
    '/api/workflow/decide/:id',
    { schema: { tags: TAGS, params: runPath } },
    async ({ params: { id } }, reply) => {
      const run = await findRun(engine, id);
      await decideRun(engine, run.id);
      return reply.send();
    },
  );
  addBulkRoutes(api, { engine });
}

function addBulkRoutes(api: Api, { engine }: Pick<ServerParts, 'engine'>): void {
  const schema = { tags: ['workflow-bulk'], body: bulkIdsSchema };
  const each = (ids: readonly string[], wish: RunWish) =>
    inTurn(ids, (id) => operate(engine, id, wish));
  for (const type of ['pause', 'resume'] as const) {
    api.put(`/api/workflow/bulk/${type}`, { schema }, async ({ body }) => each(body, { type }));
  }
  api.post(
    '/api/workflow/bulk/terminate',
    { schema: { ...schema, querystring: reasonQuery } },
    async ({ body, query: { reason = '', triggerFailureWorkflow } }) =>
      each(body, {
        type: 'terminate',
        reason,
        triggersFailureWorkflow: triggerFailureWorkflow,
      }),
  );
}
