import {
  type ConductorTaskResult,
  conductorTaskIdOf,
  conductorWorkflowOf,
  RETURN_STRATEGIES,
  TASK_RESULT_STATUSES,
  taskResultSchema,
  workflowRunOf,
} from '@joinery/contract';
import {
  isJoineryError,
  isTerminalTask,
  joineryError,
  type TaskRow,
  workerTypeOf,
} from '@joinery/core';
import { signalRun, type SignalRequest } from '@joinery/engine';
import { z } from 'zod';
import { dropNullFields } from '../absent-values.ts';
import { type Api } from '../api.ts';
import { awaitRun } from '../await-run.ts';
import { confirmTasks, handOver } from '../remote/claimed-task.ts';
import { optionalJsonMap, whole } from '../request-shape.ts';
import { findRun, viewRun } from '../run-view.ts';
import { type RouteParts } from '../server-parts.ts';
import { type UpdatedTask, updateTask } from '../update-task.ts';

const TAGS = ['tasks'];
const status = z.enum(TASK_RESULT_STATUSES);
const byReference = z.object({ id: z.string(), ref: z.string(), status });

/** Takes results: by task id, by reference, as signals. */
export function addTaskUpdateRoutes(api: Api, parts: RouteParts): void {
  const { engine, desk } = parts;
  const schema = { tags: TAGS, body: taskResultSchema };
  /** What follows from the result first: its claim is made already. Else what waits. */
  const nextTask = async ({ type, row, next }: UpdatedTask, worker: string) => {
    if (type !== 'completed') return null;
    return next === undefined ? desk.take(workerTypeOf(row), worker) : handOver(engine, next);
  };
  api.post('/api/tasks', { schema, preValidation: dropNullFields }, async ({ body }, reply) => {
    await updateTask(parts, body);
    return reply.type('text/plain').send(body.taskId);
  });
  api.post(
    '/api/tasks/update-v2',
    { schema, preValidation: dropNullFields },
    async ({ body }, reply) => {
      const updated = await updateOrNull(parts, body);
      const next = updated === null ? null : await nextTask(updated, body.workerId ?? '');
      if (next === null) return reply.code(204).send();
      await confirmTasks(engine, [next]);
      return next.shown;
    },
  );
  addReferenceRoutes(api, parts);
  addSignalRoutes(api, parts);
}

/**
 * Null for a task that is ours but gone. Clients take 404 here for a server without this endpoint, and never use it
 * again: a result that comes after its run was purged is late, like any other.
 */
async function updateOrNull(
  parts: RouteParts,
  result: ConductorTaskResult,
): Promise<UpdatedTask | null> {
  try {
    return await updateTask(parts, result, { goesOn: true });
  } catch (error) {
    const isKnown =
      isJoineryError(error, 'JN_TASK_NOT_FOUND') && error.details['runId'] !== 'unknown';
    if (isKnown) return null;
    throw error;
  }
}

function addReferenceRoutes(api: Api, parts: RouteParts): void {
  const { engine } = parts;
  const query = z.object({ workerid: z.string().max(255).optional() });
  const schema = { tags: TAGS, params: byReference, querystring: query, body: optionalJsonMap };
  const update = async (
    { id, ref, status: wanted }: z.infer<typeof byReference>,
    outputData: ConductorTaskResult['outputData'],
  ): Promise<string> => {
    const row = await openTaskOf(parts, id, ref);
    return updateRow(parts, { id, row, status: wanted, outputData });
  };
  api.post('/api/tasks/:id/:ref/:status', { schema }, async ({ params, body }, reply) =>
    reply.type('text/plain').send(await update(params, body ?? {})),
  );
  api.post('/api/tasks/:id/:ref/:status/sync', { schema }, async ({ params, body }) => {
    await update(params, body ?? {});
    return conductorWorkflowOf(await viewRun(engine, params.id));
  });
  // What event queues of Conductor deliver, by hand.
  api.post('/api/queue/update/:id/:ref/:status', { schema }, async ({ params, body }, reply) => {
    await update(params, body ?? {});
    return reply.send();
  });
  const byTask = z.object({ id: z.string(), taskId: z.string(), status });
  api.post(
    '/api/queue/update/:id/task/:taskId/:status',
    { schema: { tags: ['queue'], params: byTask, body: optionalJsonMap } },
    async ({ params: { id, taskId, status: wanted }, body }, reply) => {
      const result = { workflowInstanceId: id, taskId, status: wanted, outputData: body ?? {} };
      await updateTask(parts, result);
      return reply.send();
    },
  );
}

/** The open task of a reference; JN_TASK_NOT_FOUND when there is none. */
async function openTaskOf({ engine }: RouteParts, id: string, ref: string): Promise<TaskRow> {
  const run = await findRun(engine, id);
  const rows = await engine.store.rows(run.id);
  const named = rows.filter((row) => row.key === ref || row.ref === ref);
  const open = named.findLast((row) => !isTerminalTask(row.status));
  if (open !== undefined) return open;
  throw joineryError('JN_TASK_NOT_FOUND', { runId: run.id, task: ref });
}

interface RowUpdate {
  readonly id: string;
  readonly row: TaskRow;
  readonly status: ConductorTaskResult['status'];
  readonly outputData: ConductorTaskResult['outputData'];
}

async function updateRow(
  parts: RouteParts,
  { id, row, status: wanted, outputData }: RowUpdate,
): Promise<string> {
  const run = await findRun(parts.engine, id);
  const taskId = conductorTaskIdOf({ runId: run.id, key: row.key, attempt: row.attempt });
  await updateTask(parts, {
    workflowInstanceId: id,
    taskId,
    ...(wanted === undefined ? {} : { status: wanted }),
    ...(outputData === undefined ? {} : { outputData }),
  });
  return taskId;
}

/** A signal ends what it is for in one of these ways, or leaves it waiting. */
function signalStatus(wanted: z.infer<typeof status>): SignalRequest['status'] {
  if (wanted !== 'CANCELED') return wanted;
  const reason = 'attempts end COMPLETED, FAILED or FAILED_WITH_TERMINAL_ERROR';
  throw joineryError('JN_NOT_IMPLEMENTED', { what: 'the result CANCELED', reason });
}

/** Signals are for the first WAIT, HUMAN or YIELD that is open, here or in a run below. The body is its output, as it is. */
function addSignalRoutes(api: Api, parts: RouteParts): void {
  const { engine } = parts;
  const params = z.object({ id: z.string(), status });
  const query = z.object({
    returnStrategy: z.enum(RETURN_STRATEGIES).default('TARGET_WORKFLOW'),
    timeoutMillis: whole(0, 60_000).default(5_000),
  });
  const signal = async (
    { id, status: wanted }: z.infer<typeof params>,
    outputData: ConductorTaskResult['outputData'],
  ): Promise<boolean> => {
    const run = await findRun(engine, id);
    const output = outputData ?? {};
    const found = await signalRun(engine, { runId: run.id, status: signalStatus(wanted), output });
    return found !== null;
  };
  api.post(
    '/api/tasks/:id/:status/signal',
    { schema: { tags: TAGS, params, body: optionalJsonMap } },
    async (request, reply) => {
      await signal(request.params, request.body ?? {});
      return reply.send();
    },
  );
  api.post(
    '/api/tasks/:id/:status/signal/sync',
    { schema: { tags: TAGS, params, querystring: query, body: optionalJsonMap } },
    async ({ params: path, query: { returnStrategy: strategy, timeoutMillis }, body }, reply) => {
      if (!(await signal(path, body ?? {}))) {
        throw joineryError('JN_TASK_NOT_FOUND', { runId: path.id, task: 'WAIT' });
      }
      const left = new AbortController();
      reply.raw.once('close', () => left.abort());
      const run = await findRun(engine, path.id);
      const waiting = { withinMs: timeoutMillis, untilRefs: [], signal: left.signal };
      const { workflow, blocking } = await awaitRun(engine, run.id, waiting);
      const requestId = engine.entropy.randomId();
      const answer = workflowRunOf({ workflow, requestId, strategy, blocking });
      return answer ?? reply.type('application/json').send('null');
    },
  );
}
