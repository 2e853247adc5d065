import { joineryError, parseRunId, type RunId } from '@joinery/core';

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
