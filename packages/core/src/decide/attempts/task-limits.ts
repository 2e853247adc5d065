import { circuitOf } from '../../circuit/circuit-settings.ts';
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
  const { concurrencyKey = '', concurrencyLimit = 1, circuitTarget = '' } = node.task;
  const breaker = node.taskDef.circuitBreaker;
  if (max === 0 && rate === 0 && concurrencyKey === '' && breaker === undefined) return null;
  const key = textOf(draft, node, 'concurrencyKey', concurrencyKey);
  if (!key.ok) return key;
  const target = textOf(draft, node, 'circuitTarget', breaker === undefined ? '' : circuitTarget);
  if (!target.ok) return target;
  const circuit = breaker && circuitOf(breaker, target.value || (breaker.target ?? gate));
  if (max === 0 && rate === 0 && key.value === '' && circuit === undefined) return null;
  const perMs = rate === 0 ? 0 : (node.taskDef.rateLimitFrequencyInSeconds || 1) * 1000;
  const keyMax = key.value === '' ? 0 : concurrencyLimit;
  const limits = { gate, max, rate, perMs, key: key.value, keyMax };
  return { ok: true, value: circuit === undefined ? limits : { ...limits, circuit } };
}

/** What a template yields; '' for null. */
function textOf(
  draft: Draft,
  node: PlanNode,
  member: 'concurrencyKey' | 'circuitTarget',
  written: string,
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string } {
  // What a task made at run time brings is data, and no template.
  if (written === '' || node.origin !== null) return { ok: true, value: written };
  const rendered = renderWith(draft, written, node);
  if (!rendered.ok) return { ok: false, reason: `${member}: ${rendered.error.message}` };
  const { value } = rendered;
  if (value === null) return { ok: true, value: '' };
  return { ok: true, value: typeof value === 'string' ? value : JSON.stringify(value) };
}
