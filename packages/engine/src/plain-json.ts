import { type Json, type TaskDef, type WorkflowDef } from '@joinery/core';

/** A parsed definition as the JSON that it is; its interface does not say so to the compiler. */
export function plainJson(definition: WorkflowDef | TaskDef): Json {
  const json: Json = JSON.parse(JSON.stringify(definition));
  return json;
}
