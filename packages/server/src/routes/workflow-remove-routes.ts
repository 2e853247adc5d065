import { bulkIdsSchema } from '@joinery/contract';
import { isTerminalRun } from '@joinery/core';
import { type Engine, removeRun, resetCallbacks } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { inTurn } from '../in-turn.ts';
import { operate } from '../operate.ts';
import { flag, runPath } from '../request-shape.ts';
import { findRun } from '../run-view.ts';
import { type ServerParts } from '../server-parts.ts';

/** Of one run, and of many: what is removed is gone, so that only who administers may do it. */
const change = { config: { role: 'admin' } } as const;
/** `archiveWorkflow` is accepted: there is no archive, and what is removed is not kept elsewhere. */
const removeQuery = z.object({ archiveWorkflow: flag(true) });
const terminateQuery = removeQuery.extend({ reason: z.string().max(1_024).default('') });

/** Removes runs, terminating them before if that is wanted; lets tasks that are held back go now. */
export function addWorkflowRemoveRoutes(api: Api, { engine }: ServerParts): void {
  const one = { tags: ['workflow'], params: runPath };
  const many = { tags: ['workflow-bulk'], body: bulkIdsSchema };
  api.delete(
    '/api/workflow/:id/remove',
    { ...change, schema: { ...one, querystring: removeQuery } },
    async ({ params: { id } }, reply) => {
      await remove(engine, id);
      return reply.send();
    },
  );
  api.delete(
    '/api/workflow/:id/terminate-remove',
    { ...change, schema: { ...one, querystring: terminateQuery } },
    async ({ params: { id }, query: { reason } }, reply) => {
      await terminateAndRemove(engine, id, reason);
      return reply.send();
    },
  );
  api.delete(
    '/api/workflow/bulk/remove',
    { ...change, schema: { ...many, querystring: removeQuery } },
    async ({ body }) => inTurn(body, (id) => remove(engine, id)),
  );
  api.delete(
    '/api/workflow/bulk/terminate-remove',
    { ...change, schema: { ...many, querystring: terminateQuery } },
    async ({ body, query: { reason } }) =>
      inTurn(body, (id) => terminateAndRemove(engine, id, reason)),
  );
  api.post(
    '/api/workflow/:id/resetcallbacks',
    { schema: one },
    async ({ params: { id } }, reply) => {
      const run = await findRun(engine, id);
      await resetCallbacks(engine, run.id);
      return reply.code(204).send();
    },
  );
}

async function remove(engine: Engine, id: string): Promise<void> {
  const run = await findRun(engine, id);
  await removeRun(engine, run.id);
}

async function terminateAndRemove(engine: Engine, id: string, reason: string): Promise<void> {
  const { id: runId, status } = await findRun(engine, id);
  if (!isTerminalRun(status)) await operate(engine, id, { type: 'terminate', reason });
  await removeRun(engine, runId);
}
