import { joineryError, type RunId, type RunState, type TaskRow } from '@joinery/core';
import { explainRun } from '@joinery/engine';
import { type FastifyInstance } from 'fastify';
import { countOf, runIdOfPath } from '../request-value.ts';
import { publicEvent } from '../public-event.ts';
import { type ServerParts } from '../server-parts.ts';

/** A route with the id of a run in its path. */
interface RunRoute {
  readonly Params: { readonly id: string };
}

/** Joinery's own view of runs: lists, one run with its tasks, its history, and why it does not move. */
export function addRunRoutes(app: FastifyInstance, { engine, fleet }: ServerParts): void {
  const { store } = engine;
  app.get('/api/runs', async ({ query }) => {
    const runs = await store.list(countOf(query, 'limit', { byDefault: 50, max: 1_000 }));
    return { runs };
  });
  app.get<RunRoute>('/api/runs/:id', async ({ params }) => {
    const run = await findRun(store, params.id);
    const [tasks, input, output] = await Promise.all([
      store.rows(run.id),
      store.payload(run.id, 'run:input'),
      store.payload(run.id, 'run:output'),
    ]);
    return { run: publicRun(run), tasks: tasks.map(publicTask), input, output };
  });
  app.get<RunRoute>('/api/runs/:id/history', async ({ params, query }) => {
    const { id } = await findRun(store, params.id);
    const from = countOf(query, 'from', { byDefault: 1, max: 999_999_999 });
    const limit = countOf(query, 'limit', { byDefault: 500, max: 1_000 });
    const events = (await store.history(id, from, limit)).map(publicEvent);
    const last = events.at(-1);
    return { events, next: events.length < limit || !last ? null : last.version + 1 };
  });
  app.get<RunRoute>('/api/runs/:id/explain', async ({ params }) => {
    const runId = runIdOfPath(params.id);
    return (await explainRun(engine, fleet, runId)) ?? notFound(runId);
  });
}

async function findRun(store: ServerParts['engine']['store'], id: string): Promise<RunState> {
  const runId = runIdOfPath(id);
  return (await store.find(runId)) ?? notFound(runId);
}

function notFound(runId: RunId): never {
  throw joineryError('JN_RUN_NOT_FOUND', { runId });
}

/** Without what would let a reader pose as a decider. */
function publicRun(run: RunState): RunState {
  return { ...run, nonce: '' };
}

/** Without what would let a reader pose as its worker. */
function publicTask(task: TaskRow): TaskRow {
  return { ...task, token: '' };
}
