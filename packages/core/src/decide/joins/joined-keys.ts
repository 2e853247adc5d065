import type { PlanNode } from '../../plan/plan.ts';
import { iterationsOf, taskKeyOf, type TaskKey } from '../../run/ids.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { dynamicKeys } from '../forks/dynamic-branches.ts';

/** The tasks that a join waits for, each once, in the order in which the definition names them. */
export function joinedKeys(draft: Draft, row: TaskRow): readonly TaskKey[] {
  const node = draft.plan.nodes.get(row.ref);
  if (node === undefined) return [];
  return node.dynamicFork === null
    ? staticKeys(node, row.key)
    : dynamicKeys(draft, taskKeyOf(node.dynamicFork, iterationsOf(row.key)));
}

/** Derived once, and again in another iteration: a wide join is judged as often as it is wide. */
const keysOfJoin = new WeakMap<PlanNode, { join: TaskKey; keys: readonly TaskKey[] }>();

function staticKeys(node: PlanNode, join: TaskKey): readonly TaskKey[] {
  const known = keysOfJoin.get(node);
  if (known?.join === join) return known.keys;
  const iterations = iterationsOf(join);
  const keys = [...new Set([...node.task.joinOn, ...node.task.defaultExclusiveJoinTask])].map(
    (ref) => taskKeyOf(ref, iterations),
  );
  keysOfJoin.set(node, { join, keys });
  return keys;
}
