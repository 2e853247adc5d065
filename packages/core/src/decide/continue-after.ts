import { continuationOf } from '../plan/continuation.ts';
import type { PlanNode } from '../plan/plan.ts';
import { taskKeyOf } from '../run/ids.ts';
import type { TaskRow } from '../run/task-row.ts';
import type { Draft } from './draft.ts';
import type { Steps } from './step.ts';

/** The task is done with: tell its joins, then go on to what comes next. */
export function continueAfter(draft: Draft, node: PlanNode, row: TaskRow): Steps {
  draft.put({ ...row, isSettled: true });
  draft.clear(`total:${row.key}`);
  const next = continuationOf(draft.plan, node);
  if (next.type === 'run-end') draft.patchRun({ isRootDone: true });
  return [
    ...arrive(draft, row),
    ...(next.type === 'task' ? [{ type: 'enter', ref: next.ref } as const] : []),
  ];
}

/** Tell the joins that name the task; each is judged. */
export function arrive(draft: Draft, row: TaskRow): Steps {
  return Object.keys(row.joins).map((name) => {
    const join = taskKeyOf(name);
    draft.arrive(join, row.key);
    return { type: 'judge', join };
  });
}
