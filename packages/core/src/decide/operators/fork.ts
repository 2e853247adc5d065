import type { PlanNode } from '../../plan/plan.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { ROWS_PER_DECISION, type Draft } from '../draft.ts';
import type { Operator } from '../operator.ts';
import { arrive, enterTask } from '../settle-task.ts';
import { prefetchTasks } from '../prefetch.ts';
import { runSystemTask } from './system-task.ts';

/** FORK_JOIN: enters the first task of every branch, in steps when there are many, then its join. */
export const fork: Operator = {
  enter(draft, node) {
    runSystemTask(draft, node, { status: 'COMPLETED', input: {}, output: null });
  },

  goOn(draft, node, row) {
    const { branches } = node;
    const firsts = branches.slice(row.cursor, row.cursor + ROWS_PER_DECISION);
    prefetchTasks(
      draft,
      [...firsts, node.join].filter((ref) => ref !== null),
    );
    const reached = expand(draft, row, branches.length, (index) => {
      const first = branches[index] ?? null;
      if (first !== null) enterTask(draft, first);
    });
    if (reached) settleFork(draft, node, row);
  },
};

/** Enter branches from the row's cursor on while the decision has room; true when the last was entered. */
export function expand(
  draft: Draft,
  row: TaskRow,
  width: number,
  enterBranch: (index: number) => void,
): boolean {
  let index = row.cursor;
  for (; index < width && !draft.isFull && draft.run.closing === null; index += 1)
    enterBranch(index);
  if (width > ROWS_PER_DECISION) {
    draft.record({ type: 'fork.expanded', key: row.key, from: row.cursor, to: index, width });
  }
  if (index < width) draft.put({ ...row, cursor: index });
  return index >= width;
}

/** All branches have been entered: the join may be judged from now on. */
export function settleFork(draft: Draft, node: PlanNode, row: TaskRow): void {
  draft.put({ ...row, cursor: Math.max(row.cursor, node.branches.length), isSettled: true });
  arrive(draft, row);
  if (node.join !== null) enterTask(draft, node.join);
}
