import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import type { TaskRow } from '../run/task-row.ts';
import type { Draft } from './draft.ts';
import { dynamicKeys } from './dynamic-branches.ts';

/** The tasks that a join waits for, each once, in the order in which the definition names them. */
export function joinedKeys(draft: Draft, row: TaskRow): readonly TaskKey[] {
  const node = draft.plan.nodes.get(row.ref);
  const fork = node?.dynamicFork ?? null;
  if (fork !== null) return dynamicKeys(draft, taskKeyOf(fork));
  return [...new Set(node?.task.joinOn ?? [])].map((ref) => taskKeyOf(ref));
}
