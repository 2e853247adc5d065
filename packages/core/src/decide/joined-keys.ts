import type { PlanNode } from '../plan/plan.ts';
import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import type { TaskRow } from '../run/task-row.ts';
import type { Draft } from './draft.ts';
import { dynamicKeys } from './dynamic-branches.ts';

/** The tasks that a join waits for, each once, in the order in which the definition names them. */
export function joinedKeys(draft: Draft, row: TaskRow): readonly TaskKey[] {
  const node = draft.plan.nodes.get(row.ref);
  if (node === undefined) return [];
  return node.dynamicFork === null
    ? staticKeys(node)
    : dynamicKeys(draft, taskKeyOf(node.dynamicFork));
}

/** Derived once: a wide join is judged as often as it is wide. */
const keysOfJoin = new WeakMap<PlanNode, readonly TaskKey[]>();

function staticKeys(node: PlanNode): readonly TaskKey[] {
  const known = keysOfJoin.get(node);
  if (known !== undefined) return known;
  const keys = [...new Set(node.task.joinOn)].map((ref) => taskKeyOf(ref));
  keysOfJoin.set(node, keys);
  return keys;
}
