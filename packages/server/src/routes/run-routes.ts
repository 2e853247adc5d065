import {
  joineryError,
  type RunEntry,
  type RunId,
  type RunQuery,
  type RunState,
  type TaskRow,
} from '@joinery/core';
import { explainRun } from '@joinery/engine';
import { type RunSummary } from '@joinery/store';
import { type FastifyInstance } from 'fastify';
import { findRuns } from '../find-runs.ts';
import { countOf, runIdOfPath } from '../request-value.ts';
import { publicEvent } from '../public-event.ts';
import { type ServerParts } from '../server-parts.ts';

/** Every run, the newest first. */
const NEWEST: RunQuery = {
  conditions: [],
  words: [],
  order: { field: 'createdAt', isDescending: true },
};

/** A route with the id of a run in its path. */
interface RunRoute {
  readonly Params: { readonly id: string };
}

/** Joinery's own view of runs: lists, one run with its tasks, its history, and why it does not move. */
export function addRunRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { engine, fleet } = parts;
  const { store } = engine;
  app.get('/api/runs', async ({ query }) => {
    const size = countOf(query, 'limit', { byDefault: 50, max: 1_000 });
    const { entries } = await findRuns(parts, NEWEST, { start: 0, size });
    return { runs: entries.map(listed) };
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

/** A run in the list. */
function listed(entry: RunEntry): RunSummary {
  const {
    runId,
    definition,
    definitionVersion: version,
    status,
    createdAt,
    endedAt,
    reason,
  } = entry;
  return { runId, definition, version, status, createdAt, endedAt, reason };
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
