import {
  conductorWorkflowOf,
  parseStartWorkflowRequest,
  type RunView,
  startRequestOf,
} from '@joinery/contract';
import { joineryError, parseTaskDef, parseWorkflowDef, type RunId } from '@joinery/core';
import { registerDefinition, registerTaskDefinition, startRun } from '@joinery/engine';
import { type RunStore } from '@joinery/store';
import { type FastifyInstance } from 'fastify';
import { objectOf, objectsOf, runIdOfPath } from './request-value.ts';
import { type ServerParts } from './server-parts.ts';

/** The part of Conductor's API that there is: register, start, look. Same paths, same answers. */
export function addWorkflowRoutes(app: FastifyInstance, { engine }: ServerParts): void {
  app.post('/api/workflow', async ({ body }, reply) => {
    const { runId } = await startRun(engine, startRequestOf(parseStartWorkflowRequest(body)));
    // Conductor's clients take the whole body for the id.
    return reply.type('text/plain').send(runId);
  });
  app.get<{ Params: { readonly id: string } }>('/api/workflow/:id', async ({ params }) => {
    const runId = runIdOfPath(params.id);
    const view = await viewRun(engine.store, runId);
    if (view === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
    return conductorWorkflowOf(view);
  });
  app.post('/api/metadata/workflow', async ({ body }) => {
    const json = objectOf(body, 'WorkflowDef');
    const { name, version } = parseWorkflowDef(json);
    if ((await engine.definitions.getWorkflow(name, version)) !== null) {
      throw joineryError('JN_DEF_EXISTS', { name, version });
    }
    await registerDefinition(engine, json);
    return { name, version };
  });
  app.put('/api/metadata/workflow', async ({ body }) => {
    const list = objectsOf(body, 'list of WorkflowDef');
    // All are read before the first is kept, so that a bad one leaves nothing half done.
    for (const json of list) parseWorkflowDef(json);
    for (const json of list) await registerDefinition(engine, json);
    return { count: list.length };
  });
  app.post('/api/metadata/taskdefs', async ({ body }) => {
    const list = objectsOf(body, 'list of TaskDef');
    for (const json of list) parseTaskDef(json);
    for (const json of list) await registerTaskDefinition(engine, json);
    return { count: list.length };
  });
}

/** Not one moment: a run that is under way moves on meanwhile. */
async function viewRun(store: RunStore, runId: RunId): Promise<RunView | null> {
  const run = await store.find(runId);
  if (run === null) return null;
  const [rows, input, output, variables] = await Promise.all([
    store.rows(runId),
    store.payload(runId, 'run:input'),
    store.payload(runId, 'run:output'),
    store.payload(runId, 'run:variables'),
  ]);
  return { run, rows, input, output, variables };
}
