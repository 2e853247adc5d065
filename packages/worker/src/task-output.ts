import { joineryError, type Json, type JsonObject } from '@joinery/core';

/**
 * Nesting that is stored: enough for any record, far from where recursive readers of it would exhaust their stack.
 */
const depthLimit = 100;

/**
 * What a handler returned, as it is stored: a copy that is plain JSON. Nothing (undefined, null) becomes `{}`; what is not
 * an object becomes `{ result: value }`, as Conductor's SDKs do, since expressions read outputs by name. Dates and
 * other values with `toJSON` become what that returns; undefined properties are left out.
 * Throws JN_PAYLOAD_NOT_JSON or JN_PAYLOAD_TOO_DEEP rather than store something else than was returned (NaN, bigint, Map).
 */
export function toOutput(what: string, value: unknown): JsonObject {
  const json = toJson(what, value ?? {});
  if (typeof json === 'object' && json !== null && !isList(json)) return json;
  return { result: json };
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function toJson(what: string, value: unknown): Json {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (key, part: unknown) => {
      const problem = problemWith(part);
      if (problem !== '') throw new TypeError(key === '' ? problem : `${problem} at ${key}`);
      return part;
    });
  } catch (cause) {
    throw joineryError('JN_PAYLOAD_NOT_JSON', { what, problem: problemOf(cause) }, { cause });
  }
  const json: Json = JSON.parse(text ?? '{}');
  if (isDeeper(json, depthLimit)) {
    throw joineryError('JN_PAYLOAD_TOO_DEEP', { what, limit: depthLimit });
  }
  return json;
}

/** Why JSON would lose this value; empty = it would not. */
function problemWith(part: unknown): string {
  if (typeof part === 'number') return Number.isFinite(part) ? '' : `the number ${part}`;
  if (typeof part === 'bigint') return 'a bigint';
  if (typeof part === 'function' || typeof part === 'symbol') return `a ${typeof part}`;
  if (part instanceof Map || part instanceof Set || part instanceof Promise) {
    return `a ${part.constructor.name}`;
  }
  return '';
}

function problemOf(cause: unknown): string {
  // V8's own message draws the cycle over several lines and names its classes.
  if (cause instanceof TypeError && cause.message.includes('circular')) return 'it has a cycle';
  if (cause instanceof RangeError) return 'it is nested too deep or too large';
  return cause instanceof Error ? cause.message : String(cause);
}

/** Level by level: no recursion on what a user's code has built. */
function isDeeper(json: Json, limit: number): boolean {
  let level: readonly Json[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((part) =>
      typeof part === 'object' && part !== null ? Object.values<Json>(part) : [],
    );
  }
  return false;
}
