/** A JSON value: what payloads, expressions and history are made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Only own properties count. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** True for a JSON object, as opposed to a list, a scalar or null. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
