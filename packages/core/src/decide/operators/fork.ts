import type { PlanNode } from '../../plan/plan.ts';
import { taskKeyOf } from '../../run/ids.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { arrive } from '../continue-after.ts';
import { ROWS_PER_DECISION, type Draft } from '../slices/draft.ts';
import type { Operator } from '../operator.ts';
import { prefetchTasks } from '../slices/prefetch.ts';
import type { Step, Steps } from '../step.ts';
import { runSystemTask } from './system-task.ts';

/** FORK_JOIN: enters the first task of every branch, in several decisions when there are many, then its join. */
export const fork: Operator = {
  enter(draft, node) {
    return runSystemTask(draft, node, { status: 'COMPLETED', input: {}, output: null });
  },

  goOn(draft, node, row) {
    const { branches, iterations } = node;
    const page = [...branches.slice(row.cursor, row.cursor + ROWS_PER_DECISION), node.join];
    prefetchTasks(
      draft,
      page.flatMap((ref) => (ref === null ? [] : taskKeyOf(ref, iterations))),
    );
    return expandFork(draft, node, {
      row,
      width: branches.length,
      branch: (index) => {
        const ref = branches[index] ?? null;
        return ref === null ? null : { type: 'enter', key: taskKeyOf(ref, iterations) };
      },
    });
  },
};

/** Enter as many branches as the decision has room for; after the last one the join may be judged. */
export function expandFork(
  draft: Draft,
  node: PlanNode,
  fixed: { row: TaskRow; width: number; branch: (index: number) => Step | null },
): Steps {
  const { row, width, branch } = fixed;
  const to = Math.min(width, row.cursor + Math.max(1, draft.room));
  if (width > ROWS_PER_DECISION) {
    draft.record({ type: 'fork.expanded', key: row.key, from: row.cursor, to, width });
  }
  const steps = Array.from({ length: to - row.cursor }, (_, i) => branch(row.cursor + i));
  const entered = steps.filter((step) => step !== null);
  if (to < width) {
    draft.put({ ...row, cursor: to });
    return [...entered, { type: 'settle', key: row.key }];
  }
  const settled = { ...row, cursor: to, isSettled: true };
  draft.put(settled);
  const join: Steps =
    node.join === null ? [] : [{ type: 'enter', key: taskKeyOf(node.join, node.iterations) }];
  return [...entered, ...join, ...arrive(draft, settled)];
}
