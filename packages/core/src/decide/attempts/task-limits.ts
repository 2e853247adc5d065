import { canBeLimited } from '../../definition/operator-types.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { TaskLimits } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { renderWith } from '../slices/scope.ts';

/** The limits of an attempt, or why they cannot be told. */
export type FoundLimits =
  | { readonly ok: true; readonly value: TaskLimits }
  | { readonly ok: false; readonly reason: string };

/** What limits the next attempt of a task; null = nothing. A key that yields nothing limits nothing. */
export function taskLimits(draft: Draft, node: PlanNode, gate: string): FoundLimits | null {
  if (!canBeLimited(node.type)) return null;
  const { concurrentExecLimit: max = 0, rateLimitPerFrequency: rate = 0 } = node.taskDef;
  const { concurrencyKey = '', concurrencyLimit = 1 } = node.task;
  if (max === 0 && rate === 0 && concurrencyKey === '') return null;
  const key = keyOf(draft, node, concurrencyKey);
  if (!key.ok) return key;
  if (max === 0 && rate === 0 && key.value === '') return null;
  const perMs = rate === 0 ? 0 : (node.taskDef.rateLimitFrequencyInSeconds || 1) * 1000;
  const keyMax = key.value === '' ? 0 : concurrencyLimit;
  return { ok: true, value: { gate, max, rate, perMs, key: key.value, keyMax } };
}

function keyOf(
  draft: Draft,
  node: PlanNode,
  written: string,
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string } {
  // What a task made at run time brings is data, and no template.
  if (written === '' || node.origin !== null) return { ok: true, value: written };
  const rendered = renderWith(draft, written, node);
  if (!rendered.ok) return { ok: false, reason: `concurrencyKey: ${rendered.error.message}` };
  const { value } = rendered;
  if (value === null) return { ok: true, value: '' };
  return { ok: true, value: typeof value === 'string' ? value : JSON.stringify(value) };
}
