import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import type { Draft } from './draft.ts';

/** All variables of a run together, in bytes of JSON (Conductor 3.30: `maxWorkflowVariablesPayloadSizeThreshold`). */
export const VARIABLES_LIMIT_BYTES = 256 * 1024;

/** Set variables of the run; answers how many bytes they are when that is too much, and changes nothing then. */
export function mergeVariables(draft: Draft, more: Json): number | null {
  const before = draft.data('run:variables') ?? {};
  const variables: JsonObject = { ...asObject(before), ...asObject(more) };
  const bytes = new TextEncoder().encode(JSON.stringify(variables)).length;
  if (bytes > VARIABLES_LIMIT_BYTES) return bytes;
  draft.putData('run:variables', variables);
  return null;
}

function asObject(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}
