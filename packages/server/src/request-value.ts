import { joineryError, type JsonObject, parseRunId, type RunId } from '@joinery/core';

/** The run id of a path. What cannot be one names no run. */
export function runIdOfPath(text: string): RunId {
  const runId = parseRunId(text);
  if (runId === null) throw joineryError('JN_RUN_NOT_FOUND', { runId: text });
  return runId;
}

/** A whole number of a query; throws when it is out of its range. */
export function countOf(
  query: unknown,
  name: string,
  { byDefault, max }: { readonly byDefault: number; readonly max: number },
): number {
  const values = new Map(Object.entries(query ?? {}));
  const text: unknown = values.get(name) ?? String(byDefault);
  const value = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw joineryError('JN_REQUEST_INVALID', { what: name, problem: `expected 1 to ${max}` });
}

/** A body that must be a JSON object. The parser has made sure that it is JSON. */
export function objectOf(body: unknown, what: string): JsonObject {
  if (isParsedObject(body)) return body;
  throw joineryError('JN_REQUEST_INVALID', { what, problem: 'expected a JSON object' });
}

/** A body that must be a list of JSON objects. */
export function objectsOf(body: unknown, what: string): readonly JsonObject[] {
  if (!Array.isArray(body)) {
    throw joineryError('JN_REQUEST_INVALID', { what, problem: 'expected a list of JSON objects' });
  }
  return body.map((item) => objectOf(item, what));
}

/** Whatever is in the object came out of a JSON parser. */
function isParsedObject(body: unknown): body is JsonObject {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
