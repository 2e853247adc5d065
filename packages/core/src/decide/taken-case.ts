import type { PlanNode } from '../plan/plan.ts';
import { isJsonObject, type Json } from '../run/json.ts';
import type { TaskRow } from '../run/task-row.ts';
import type { Draft } from './draft.ts';

/** A case of a switch. */
export interface Case {
  /** null = the default case. */
  readonly name: string | null;
  /** First task; null when the case is empty. */
  readonly first: string | null;
}

/** The case that a terminal switch has chosen; null when it failed before it could choose. */
export function takenCase(draft: Draft, node: PlanNode, row: TaskRow): Case | null {
  const value = selectedCase(draft, row);
  if (value === null) return null;
  const first = node.cases.get(value);
  return first === undefined ? { name: null, first: node.defaultCase } : { name: value, first };
}

/** The value by which a switch has chosen; null when it has not. */
export function selectedCase(draft: Draft, row: TaskRow): string | null {
  const output = draft.data(`o:${row.key}`) ?? {};
  const value = isJsonObject(output) ? (output['selectedCase'] ?? null) : null;
  return typeof value === 'string' ? value : null;
}

/** The name of the case for a value. */
export function caseName(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
