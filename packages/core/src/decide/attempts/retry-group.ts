import { groupRetriesOf } from '../../definition/group-retry.ts';
import { nodeAt } from '../../plan/node-at.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { taskKeyOf, type TaskKey } from '../../run/ids.ts';
import { isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';

/*
 * A fork or a loop with a retry policy is tried again as one unit: when a task inside it would end the run, everything
 * in it is taken back, and it begins anew. By the one reset that serves retry, rerun and restart, over a part of the run
 * that is still open: nothing that follows from the group has begun.
 */

/** Begin the innermost group around a failed task anew; false = none has a try left. */
export function retryGroup(draft: Draft, node: PlanNode, failed: TaskRow): boolean {
  for (
    let key = groupAround(draft, node);
    key !== null;
    key = groupAround(draft, nodeAt(draft.plan, key))
  ) {
    const group = nodeAt(draft.plan, key);
    const row = draft.row(key);
    if (group === undefined || row === null) return false;
    const isLeft = (row.groupTries ?? 0) < groupRetriesOf(group.task);
    if (!isLeft || !isOpen(draft, group, row)) continue;
    draft.put({ ...failed, isSettled: true });
    draft.clear(`total:${failed.key}`);
    draft.record({ type: 'group.retried', key, attempt: row.attempt, reason: failed.reason });
    draft.patchRun({ resetting: { isAll: false, keys: [key], isCleared: false, isGroup: true } });
    draft.hasMore = true;
    return true;
  }
  return false;
}

/** The fork or the loop right around a task; a JOIN belongs to its fork. */
function groupAround({ plan }: Draft, node: PlanNode | undefined): TaskKey | null {
  if (node === undefined) return null;
  const { iterations } = node;
  const fork = [...plan.nodes.values()].find(({ join }) => join === node.ref);
  if (fork !== undefined) return taskKeyOf(fork.ref, iterations);
  for (let { frame } = node; ;) {
    if (frame.kind === 'branch') return taskKeyOf(frame.fork, iterations);
    if (frame.kind === 'body') return taskKeyOf(frame.loop, iterations.slice(0, -1));
    const around = frame.kind === 'case' ? plan.nodes.get(frame.switch) : undefined;
    if (around === undefined) return null;
    frame = around.frame;
  }
}

/** What follows from the group has not begun. */
function isOpen(draft: Draft, { join, iterations }: PlanNode, row: TaskRow): boolean {
  if (row.type === 'DO_WHILE') return !isTerminalTask(row.status);
  const joined = join === null ? null : draft.row(taskKeyOf(join, iterations));
  return joined === null || !joined.isSettled;
}
