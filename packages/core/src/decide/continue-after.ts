import { continuationOf, type Continuation } from '../plan/continuation.ts';
import type { PlanNode } from '../plan/plan.ts';
import { taskKeyOf } from '../run/ids.ts';
import type { TaskRow } from '../run/task-row.ts';
import { closedArrivals } from './joins/closed-path.ts';
import { afterCompensation } from './ends/after-compensation.ts';
import { isChoice } from './slices/taken-case.ts';
import type { Draft } from './slices/draft.ts';
import { isSliding } from './forks/sliding-fork.ts';
import { NO_STEPS, type Steps } from './step.ts';

/** The task is done with: tell its joins, then go on to what comes next. */
export function continueAfter(draft: Draft, node: PlanNode, row: TaskRow): Steps {
  draft.put({ ...row, isSettled: true });
  draft.clear(`total:${row.key}`);
  const next = continuationOf(draft.plan, node);
  if (next.type === 'compensation-end') return afterCompensation(draft, null);
  if (next.type === 'run-end') draft.patchRun({ isRootDone: true });
  return [...arrive(draft, row), ...stepsTo(next), ...slideAfter(row)];
}

function slideAfter(row: TaskRow): Steps {
  if (row.origin === null || !isSliding(row)) return NO_STEPS;
  return [{ type: 'slide', fork: row.origin.fork }];
}

/** The steps that lead to what comes after a task. */
export function stepsTo(next: Continuation): Steps {
  if (next.type === 'task') return [{ type: 'enter', key: next.key }];
  if (next.type !== 'iteration-end') return NO_STEPS;
  return [{ type: 'iterate', loop: next.loop, iteration: next.iteration }];
}

/** Tell the joins that name the task, and those that wait for what it has ruled out; each is judged once. */
export function arrive(draft: Draft, row: TaskRow): Steps {
  const own = Object.keys(row.joins).map((name) => ({ join: taskKeyOf(name), key: row.key }));
  const arrivals = isChoice(row) ? [...own, ...closedArrivals(draft, row)] : own;
  for (const { join, key } of arrivals) draft.arrive(join, key);
  const joins = new Set(arrivals.map(({ join }) => join));
  return [...joins].map((join) => ({ type: 'judge', join }));
}
