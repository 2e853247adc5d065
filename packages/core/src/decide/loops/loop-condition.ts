import { evaluateCondition, type Operand } from '../../expressions/evaluate-condition.ts';
import type { Rendered } from '../../expressions/evaluate.ts';
import type { Read } from '../../expressions/text-expression.ts';
import { templateReadsOf, operandsOf, type Condition } from '../../expressions/condition.ts';
import type { Place, PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { itemOf, itemsOf } from './loop-output.ts';
import { readsNeed, renderWith } from '../slices/scope.ts';
import { seenKey } from '../slices/seen-key.ts';
import { outputOf } from '../attempts/task-output.ts';

/*
 * Whether a loop goes on after an iteration. In its condition `$` holds the loop's parameters, computed anew, and by
 * their references the outputs of the loop and of the tasks of its body as they are in this iteration.
 */

/** True when the loop has done its last iteration; a text says why that cannot be told. */
export function isLoopOver(draft: Draft, node: PlanNode, row: TaskRow): boolean | string {
  const items = hasItems(node) ? itemsOf(draft, row) : null;
  if (items !== null && row.cursor >= items.length) return true;
  if (node.condition === null) return items === null;
  const from = placeInside(node, row.cursor);
  const reads = conditionReads(draft, node);
  draft.require({ ...readsNeed(draft, reads, from), arrivals: [] });
  const parameters = parametersOf(draft, { node, row, from });
  if (!parameters.ok) return parameters.error.message;
  const input = {
    ...(isJsonObject(parameters.value) ? parameters.value : {}),
    ...(items === null ? {} : itemOf(draft, row)),
  };
  let problem: string | null = null;
  const verdict = evaluateCondition(node.condition, (operand): Operand => {
    if (operand.kind === 'path') {
      if (isTaskOfLoop(draft, node, operand.root)) {
        return outputIn(draft, { ref: operand.root, reads, from });
      }
      return Object.hasOwn(input, operand.root) ? input[operand.root] : undefined;
    }
    const rendered = renderWith(draft, operand.source, from);
    if (rendered.ok) return rendered.value;
    problem = rendered.error.message;
    return undefined;
  });
  if (problem !== null) return problem;
  return verdict.ok ? !verdict.holds : `loopCondition: ${verdict.problem}`;
}

/** Computed anew after each iteration, unless an operator has given them. */
function parametersOf(
  draft: Draft,
  { node, row, from }: { readonly node: PlanNode; readonly row: TaskRow; readonly from: Place },
): Rendered {
  if (!readsParameters(draft, node)) return { ok: true, value: {} };
  if (row.hasGivenInput === true) return { ok: true, value: draft.data(`i:${row.key}`) ?? {} };
  return renderWith(draft, node.inputParameters, from);
}

/** The place of one iteration, as its tasks see it. */
export function placeInside(node: PlanNode, iteration: number): Place {
  return { loops: [...node.loops, node.ref], iterations: [...node.iterations, iteration] };
}

/** True when the loop goes through a list. */
export function hasItems({ task }: PlanNode): boolean {
  return (task.items ?? '') !== '' || Object.hasOwn(task.inputParameters, '_items');
}

/** What a condition reads of tasks, besides the loop's parameters. */
export function conditionReads(draft: Draft, node: PlanNode): readonly Read[] {
  if (node.condition === null) return [];
  const outputs = pathsOf(node.condition)
    .filter(({ root }) => isTaskOfLoop(draft, node, root))
    .map(({ root, steps }) => ({ root, path: ['output', ...namesAtHead(steps)] }));
  return [...outputs, ...templateReadsOf(node.condition)];
}

/** True when a condition reads one of the loop's parameters. */
export function readsParameters(draft: Draft, node: PlanNode): boolean {
  const paths = node.condition === null ? [] : pathsOf(node.condition);
  return paths.some(({ root }) => !isTaskOfLoop(draft, node, root));
}

type PathOperand = Extract<Condition, { kind: 'path' }>;

function pathsOf(condition: Condition): readonly PathOperand[] {
  return operandsOf(condition).filter((each): each is PathOperand => each.kind === 'path');
}

function namesAtHead(steps: readonly (string | number)[]): readonly string[] {
  const end = steps.findIndex((step) => typeof step !== 'string');
  return steps.slice(0, end < 0 ? steps.length : end).map(String);
}

/** The loop itself, or a task of its body at any depth. */
function isTaskOfLoop(draft: Draft, node: PlanNode, ref: string): boolean {
  return ref === node.ref || (draft.plan.nodes.get(ref)?.loops.includes(node.ref) ?? false);
}

function outputIn(
  draft: Draft,
  {
    ref,
    reads,
    from,
  }: { readonly ref: string; readonly reads: readonly Read[]; readonly from: Place },
): Json | undefined {
  const node = draft.plan.nodes.get(ref);
  const key = node === undefined ? null : seenKey(draft, node, from);
  const row = key === null ? null : draft.row(key);
  return row === null ? undefined : outputOf(draft, row, reads);
}
