import { iterationsOf, refOf, taskKeyOf, type TaskKey } from '../run/ids.ts';
import type { Plan, PlanNode } from './plan.ts';

/** The task of this key: a node of the plan, in the iterations that the key names. */
export function nodeAt(plan: Plan, key: TaskKey): PlanNode | undefined {
  const node = plan.nodes.get(refOf(key));
  return node === undefined ? undefined : placed(node, iterationsOf(key));
}

/** A node of the plan in these iterations of its loops. */
export function placed(node: PlanNode, iterations: readonly number[]): PlanNode {
  if (iterations.length === 0) return node;
  return { ...node, iterations, key: taskKeyOf(node.ref, iterations) };
}
