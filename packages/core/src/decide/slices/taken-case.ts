import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from './draft.ts';

/** True for tasks that take one of several cases. */
export function isChoice({ type }: { readonly type: string }): boolean {
  return type === 'SWITCH' || type === 'DECISION';
}

/** A case of a switch. */
export interface Case {
  /** null = the default case. */
  readonly name: string | null;
  /** First task; null when the case is empty. */
  readonly first: string | null;
}

/** The case that a terminal switch has chosen; null when it failed before it could choose. */
export function takenCase(draft: Draft, node: PlanNode, row: TaskRow): Case | null {
  if (row.status === 'SKIPPED') return null;
  const value = selectedCase(draft, row);
  if (value === null) return null;
  const first = node.cases.get(value) ?? (node.type === 'DECISION' ? undefined : null);
  const isTaken = node.cases.has(value) && first !== undefined;
  return isTaken ? { name: value, first } : { name: null, first: node.defaultCase };
}

/** The value by which a switch has chosen; null when it has not. */
export function selectedCase(draft: Draft, row: TaskRow): string | null {
  const output = draft.data(`o:${row.key}`) ?? {};
  if (!isJsonObject(output)) return null;
  const { selectedCase: selected = null, caseOutput = null } = output;
  const value = Array.isArray(caseOutput) ? caseOutput[0] : selected;
  return typeof value === 'string' ? value : null;
}

/** The name of the case for a value. */
export function caseName(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
