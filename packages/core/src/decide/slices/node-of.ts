import { nodeAt } from '../../plan/node-at.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from './draft.ts';
import { dynamicNode } from '../forks/dynamic-branches.ts';

/** The definition of a row's task: in the plan, or in the list of the fork that made it at run time. */
export function nodeOf(draft: Draft, row: TaskRow): PlanNode {
  if (row.origin !== null) return dynamicNode(draft, row.origin.fork, row.origin.index);
  const node = nodeAt(draft.plan, row.key);
  if (node === undefined) throw new Error(`the plan has no task ${row.key}`);
  return node;
}
