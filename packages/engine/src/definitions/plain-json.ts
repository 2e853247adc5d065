import { type ConductorWorkflow } from '@joinery/contract';
import { type Json, type TaskDef, type WorkflowDef } from '@joinery/core';

/** A value as the JSON that it is; its interface does not say so to the compiler. */
export function plainJson(value: WorkflowDef | TaskDef | ConductorWorkflow): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}
