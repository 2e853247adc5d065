import { type StartWorkflowRequest } from '@joinery/contract';
import { type StartRequest } from '@joinery/engine';

/** Conductor's request in our words. `taskToDomain`, `createdBy` and external payload paths have no meaning here yet. */
export function startRequestOf(
  request: StartWorkflowRequest,
  defaultIdempotencyKey: string,
): StartRequest {
  const { name, version, correlationId, input, workflowDef, priority } = request;
  const { idempotencyKey = defaultIdempotencyKey, idempotencyStrategy } = request;
  return {
    name,
    idempotencyKey,
    // 0 means the latest, as for Conductor.
    ...(version ? { version } : {}),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(input === undefined ? {} : { input }),
    ...(workflowDef === undefined ? {} : { definition: workflowDef }),
    ...(priority === undefined ? {} : { priority }),
    ...(idempotencyStrategy === undefined ? {} : { idempotencyStrategy }),
  };
}
