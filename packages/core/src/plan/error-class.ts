import type { TaskDef } from '../definition/task-def.ts';
import { isJsonObject, type Json } from '../run/json.ts';
import type { TaskRow } from '../run/task-row.ts';

/** Names under which `retryOn` and `abortOn` may name a failure; every failure is an `Error`. */
export type ErrorClasses = readonly string[];

/**
 * The classes of a failed attempt: TIMED_OUT for one that ran out of time; else `error.name` and `error.code` of its
 * output, where workers put them, and the first word of its reason when a colon follows (`PaymentDeclined: no funds`).
 */
export function errorClassesOf(
  { status, reason }: Pick<TaskRow, 'status' | 'reason'>,
  output: Json,
): ErrorClasses {
  if (status === 'TIMED_OUT') return ['Error', 'TIMED_OUT'];
  const error = isJsonObject(output) ? (output['error'] ?? null) : null;
  const told = isJsonObject(error) ? [error['name'], error['code']] : [];
  const first = /^([A-Za-z][\w.$-]*):/.exec(reason)?.[1];
  return ['Error', ...[...told, first].filter((name) => typeof name === 'string')];
}

/** Whether a failure of these classes is one that another attempt may mend. `abortOn` has the last word. */
export function isRetriedClass(
  { retryOn = [], abortOn = [] }: Pick<TaskDef, 'retryOn' | 'abortOn'>,
  classes: ErrorClasses,
): boolean {
  if (matchesAny(abortOn, classes)) return false;
  return retryOn.length === 0 || matchesAny(retryOn, classes);
}

function matchesAny(patterns: readonly string[], classes: ErrorClasses): boolean {
  return patterns.some((pattern) => classes.some((name) => matches(pattern, name)));
}

/** `*` stands for any text. In one pass: a pattern of many stars must not take for ever. */
function matches(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return pattern === name;
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}
