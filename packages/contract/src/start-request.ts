import { type Json, type JsonObject } from '@joinery/core';
import { type StartWorkflowRequest } from './start-workflow-request.ts';

/** A start in the engine's words. */
export interface StartFields {
  readonly name: string;
  readonly version?: number;
  readonly definition?: Json;
  readonly input?: JsonObject;
  readonly correlationId?: string;
  readonly priority?: number;
  readonly taskToDomain?: Readonly<Record<string, string>>;
  readonly idempotencyKey?: string;
  readonly idempotencyStrategy?: NonNullable<StartWorkflowRequest['idempotencyStrategy']>;
}

/**
 * Conductor's request in our words; the key is for requests that bring none. Version 0 means the latest, as for
 * Conductor. `createdBy` has no meaning here: who starts a run is in its history.
 */
export function startRequestOf(
  request: StartWorkflowRequest,
  defaultIdempotencyKey?: string,
): StartFields {
  const { name, version, correlationId, input, workflowDef, priority } = request;
  const { idempotencyKey = defaultIdempotencyKey, idempotencyStrategy, taskToDomain } = request;
  return {
    name,
    ...(version ? { version } : {}),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(input === undefined ? {} : { input }),
    ...(workflowDef === undefined ? {} : { definition: workflowDef }),
    ...(priority === undefined ? {} : { priority }),
    ...(taskToDomain === undefined ? {} : { taskToDomain }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(idempotencyStrategy === undefined ? {} : { idempotencyStrategy }),
  };
}
