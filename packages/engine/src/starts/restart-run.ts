import { joineryError, type RestartOperation, type RunId, type RunStatus } from '@joinery/core';
import { type Engine } from '../engine.ts';
import { type OperateRequest } from '../operations/operate-on-run.ts';
import { operateRun } from '../operations/operate-run.ts';
import { pinDefinition } from '../definitions/pin-definition.ts';

/** How a run is to begin anew. */
export interface RestartRequest extends Omit<OperateRequest, 'operation'> {
  readonly operation: Omit<RestartOperation, 'type' | 'pinned'>;
  /** The definition of its name that is the latest now, instead of the one that it is pinned to. */
  readonly useLatest?: boolean;
}

/** Restarts a run that has ended: everything from the beginning, under the same id. Throws as `operateRun` does. */
export async function restartRun(
  engine: Engine,
  { operation, useLatest = false, ...request }: RestartRequest,
): Promise<{ readonly status: RunStatus }> {
  const pinned = useLatest ? { pinned: await pinLatest(engine, request.runId) } : {};
  return operateRun(engine, {
    ...request,
    operation: { ...operation, ...pinned, type: 'restart' },
  });
}

async function pinLatest(
  engine: Engine,
  runId: RunId,
): Promise<NonNullable<RestartOperation['pinned']>> {
  const run = await engine.store.find(runId);
  if (run === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
  const found = await engine.definitions.getWorkflow(run.definition);
  if (found === null) {
    throw joineryError('JN_DEF_NOT_FOUND', { name: run.definition, version: 'latest' });
  }
  const prepared = engine.prepared.prepare(found);
  const { planId, definition, taskDefs } = await pinDefinition(engine, prepared);
  const { version } = engine.plans.compile(planId, definition, taskDefs).definition;
  return { planId, version };
}
