import { bulkIdsSchema, conductorWorkflowOf, parseConductorTaskId } from '@joinery/contract';
import { joineryError, type Operation, type RerunOperation, type RunId } from '@joinery/core';
import { type Engine, operateRun, restartRun, signalRun } from '@joinery/engine';
import { z } from 'zod';
import { dropNullFields } from '../absent-values.ts';
import { type Api } from '../api.ts';
import { inTurn } from '../in-turn.ts';
import { carryOut } from '../operate.ts';
import { flag, jsonMap, optionalJsonMap, runPath } from '../request-shape.ts';
import { findRun, viewRun } from '../run-view.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['workflow'];
const REASON = 'asked for through the API';

const rerunRequest = z
  .object({
    reRunFromWorkflowId: z.string().optional(),
    reRunFromTaskId: z.string().optional(),
    workflowInput: jsonMap.optional(),
    taskInput: jsonMap.optional(),
    correlationId: z.string().max(255).optional(),
  })
  .nullish();
const skipRequest = z
  .object({ taskInput: jsonMap.optional(), taskOutput: jsonMap.optional() })
  .nullish();
const stateUpdate = z.object({
  taskReferenceName: z.string().optional(),
  taskResult: z
    .object({
      status: z
        .enum(['IN_PROGRESS', 'COMPLETED', 'FAILED', 'FAILED_WITH_TERMINAL_ERROR'])
        .default('COMPLETED'),
      outputData: optionalJsonMap,
      reasonForIncompletion: z.string().optional(),
    })
    .optional(),
  variables: optionalJsonMap,
});
const latestQuery = z.object({ useLatestDefinitions: flag(false) });
const retryQuery = z.object({ resumeSubworkflowTasks: flag(false) });

/** Retry, restart, rerun; skip a task, set variables, or both with a signal. */
export function addWorkflowReopenRoutes(api: Api, { engine }: ServerParts): void {
  const params = { tags: TAGS, params: runPath };
  api.post(
    '/api/workflow/:id/retry',
    { schema: { ...params, querystring: retryQuery } },
    async ({ params: { id }, query }, reply) => {
      await retry(engine, id, query);
      return reply.code(204).send();
    },
  );
  api.post(
    '/api/workflow/:id/restart',
    { schema: { ...params, querystring: latestQuery } },
    async ({ params: { id }, query }, reply) => {
      await restart(engine, id, query);
      return reply.code(204).send();
    },
  );
  api.post(
    '/api/workflow/:id/rerun',
    { schema: { ...params, body: rerunRequest }, preValidation: dropNullFields },
    async ({ params: { id }, body }, reply) =>
      reply.type('text/plain').send(await rerun(engine, id, body ?? {})),
  );
  addTouchRoutes(api, engine);
  addBulkRoutes(api, engine);
}

function addTouchRoutes(api: Api, engine: Engine): void {
  const taskPath = z.object({ id: z.string(), ref: z.string().min(1).max(1_000) });
  api.put(
    '/api/workflow/:id/skiptask/:ref',
    { schema: { tags: TAGS, params: taskPath, body: skipRequest } },
    async ({ params: { id, ref: task }, body }, reply) => {
      const { taskInput: input = {}, taskOutput: output = {} } = body ?? {};
      await operateOn(engine, id, { type: 'skip', task, input, output, reason: REASON });
      return reply.send();
    },
  );
  api.post(
    '/api/workflow/:id/variables',
    { schema: { tags: TAGS, params: runPath, body: jsonMap } },
    async ({ params: { id }, body: variables }) => {
      await operateOn(engine, id, { type: 'set-variables', variables, reason: REASON });
      return conductorWorkflowOf(await viewRun(engine, id));
    },
  );
  api.post(
    '/api/workflow/:id/state',
    { schema: { tags: TAGS, params: runPath, body: stateUpdate }, preValidation: dropNullFields },
    async ({ params: { id }, body }) => {
      await updateState(engine, id, body);
      return conductorWorkflowOf(await viewRun(engine, id));
    },
  );
}

function addBulkRoutes(api: Api, engine: Engine): void {
  const schema = { tags: ['workflow-bulk'], body: bulkIdsSchema };
  api.post(
    '/api/workflow/bulk/retry',
    { schema: { ...schema, querystring: retryQuery } },
    async ({ body, query }) => inTurn(body, (id) => retry(engine, id, query)),
  );
  api.post(
    '/api/workflow/bulk/restart',
    { schema: { ...schema, querystring: latestQuery } },
    async ({ body, query }) => inTurn(body, (id) => restart(engine, id, query)),
  );
}

async function operateOn(engine: Engine, id: string, operation: Operation): Promise<RunId> {
  const { id: runId } = await findRun(engine, id);
  await carryOut(engine, runId, () => operateRun(engine, { runId, operation }));
  return runId;
}

/** A retry of a task that a run carries out asks for another run; to go on in the same one is not carried out yet. */
async function retry(
  engine: Engine,
  id: string,
  { resumeSubworkflowTasks }: z.infer<typeof retryQuery>,
): Promise<void> {
  if (resumeSubworkflowTasks) {
    const reason = 'a failed child is replaced, not resumed';
    throw joineryError('JN_NOT_IMPLEMENTED', { what: 'resumeSubworkflowTasks', reason });
  }
  await operateOn(engine, id, { type: 'retry', reason: REASON });
}

async function restart(
  engine: Engine,
  id: string,
  { useLatestDefinitions: useLatest }: z.infer<typeof latestQuery>,
): Promise<void> {
  const { id: runId } = await findRun(engine, id);
  const request = { runId, operation: { reason: REASON }, useLatest };
  await carryOut(engine, runId, () => restartRun(engine, request));
}

/** From one task of this run, or without one from the beginning. Answers the run's id, as Conductor does. */
async function rerun(
  engine: Engine,
  id: string,
  request: NonNullable<z.infer<typeof rerunRequest>>,
): Promise<RunId> {
  const { reRunFromTaskId, workflowInput, taskInput, correlationId } = request;
  const { id: runId } = await findRun(engine, id);
  const data = {
    ...(workflowInput !== undefined && { input: workflowInput }),
    ...(correlationId !== undefined && { correlationId }),
    reason: REASON,
  };
  if (reRunFromTaskId === undefined) return operateOn(engine, id, { ...data, type: 'restart' });
  const task = parseConductorTaskId(reRunFromTaskId);
  if (task?.runId !== runId) {
    throw joineryError('JN_TASK_NOT_FOUND', { runId, task: reRunFromTaskId });
  }
  const from: Pick<RerunOperation, 'key' | 'taskInput'> = {
    key: task.key,
    ...(taskInput !== undefined && { taskInput }),
  };
  return operateOn(engine, id, { ...data, ...from, type: 'rerun' });
}

/** Variables first: what the task leads to is to see them. */
async function updateState(
  engine: Engine,
  id: string,
  { taskReferenceName, taskResult, variables }: z.infer<typeof stateUpdate>,
): Promise<void> {
  const { id: runId } = await findRun(engine, id);
  if (variables !== undefined && variables !== null) {
    await operateOn(engine, id, { type: 'set-variables', variables, reason: REASON });
  }
  if (taskResult === undefined) return;
  const { status, outputData, reasonForIncompletion: reason = '' } = taskResult;
  const found = await signalRun(engine, {
    runId,
    ...(taskReferenceName !== undefined && { task: taskReferenceName }),
    status,
    output: outputData ?? {},
    reason,
  });
  if (found === null) {
    throw joineryError('JN_TASK_NOT_FOUND', { runId, task: taskReferenceName ?? 'WAIT' });
  }
  await carryOut(engine, found.runId, () => Promise.resolve());
}
