import { continuationOf, type Continuation } from '../plan/continuation.ts';
import type { PlanNode } from '../plan/plan.ts';
import { isSuccessfulTask, isTerminalTask } from '../run/status.ts';
import type { TaskRow } from '../run/task-row.ts';
import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import type { Draft } from './slices/draft.ts';
import { stepsTo } from './continue-after.ts';
import { dynamicKeys } from './forks/dynamic-branches.ts';
import { nodeOf } from './slices/node-of.ts';
import { prefetchWhole } from './slices/prefetch.ts';
import { isBounded, lostBranches } from './forks/sliding-fork.ts';
import { NO_STEPS, type Steps } from './step.ts';
import { takeSteps } from './take-steps.ts';
import { isChoice, takenCase } from './slices/taken-case.ts';
import { watchRow, watchRun } from './attempts/watch-row.ts';

/*
 * The full evaluation: every row is at hand, and the state is compared with itself. In a healthy run it finds nothing;
 * whatever it finds is mended by the same functions that ordinary decisions use, and recorded as a repair.
 */

/** Find what an ordinary decision should have done, and do it. */
export function reconcile(draft: Draft): void {
  const rows = currentRows(draft);
  prefetchWhole(draft, rows);
  recount(draft, rows);
  watchRun(draft);
  if (draft.run.compensating !== null) {
    watchCompensation(draft, rows);
    return;
  }
  const first = taskKeyOf(draft.plan.first);
  if (draft.row(first) === null) {
    draft.repair('no-open-task', first);
    takeSteps(draft, [{ type: 'enter', key: first }]);
  }
  for (const row of rows) {
    if (draft.run.closing !== null) return;
    if (draft.isFull) {
      draft.hasMore = true;
      return;
    }
    takeSteps(draft, reconcileRow(draft, row));
  }
}

/** What was done before is of no interest any more; what takes it back is watched like any task. */
function watchCompensation(draft: Draft, rows: readonly TaskRow[]): void {
  const open = rows.filter((row) => !row.isSettled);
  for (const row of open) takeSteps(draft, reconcileRow(draft, row));
  if (open.length > 0 || draft.slice.todo.length > 0) return;
  draft.repair('lost-successor', 'compensation');
  takeSteps(draft, [{ type: 'compensate' }]);
}

function reconcileRow(draft: Draft, stored: TaskRow): Steps {
  const row = draft.row(stored.key);
  if (row === null || row !== stored) return NO_STEPS;
  const lost = row.type === 'DO_WHILE' ? lostIterations(draft, row) : NO_STEPS;
  if (isTerminalTask(row.status)) return [...lost, ...afterTerminal(draft, row)];
  return lost.length > 0 ? lost : watchRow(draft, row);
}

/** A loop that is over leads on, even while a task of it is done again. */
function afterTerminal(draft: Draft, row: TaskRow): Steps {
  if (row.isSettled) {
    return isSuccessfulTask(row.status) || row.isPermissive ? findSuccessor(draft, row) : NO_STEPS;
  }
  // With more than one page to do, what is not on it may well be on the next.
  if (draft.slice.hasMoreTodo || draft.slice.todo.includes(row.key)) return NO_STEPS;
  draft.repair('unsettled-task', row.key);
  return [{ type: 'settle', key: row.key }];
}

/** Rows as they were loaded, by order of creation; neither shadows nor earlier attempts are among them. */
function currentRows(draft: Draft): readonly TaskRow[] {
  return [...draft.slice.rows.values()]
    .filter((row) => row !== null)
    .filter(({ shadow }) => shadow === undefined)
    .toSorted((a, b) => a.seq - b.seq);
}

function recount(draft: Draft, rows: readonly TaskRow[]): void {
  const open = rows.filter((row) => !row.isSettled).length;
  if (open === draft.slice.run.open) return;
  draft.repair('wrong-count', `open ${draft.slice.run.open} is ${open}`);
  draft.patchRun({ open });
}

/** The task is over and acted upon: what it leads to must exist. */
function findSuccessor(draft: Draft, row: TaskRow): Steps {
  // A branch made at run time is one task: only its join follows, and that is judged by itself.
  if (row.origin !== null || row.type === 'TERMINATE') return NO_STEPS;
  const node = nodeOf(draft, row);
  if (node.type === 'FORK_JOIN_DYNAMIC' && isBounded(draft, row.key)) {
    const lost = lostBranches(draft, row).slice(0, Math.max(1, draft.room));
    for (const { type } of lost) draft.repair('lost-successor', `${row.key} ${type}`);
    if (lost.length > 0) return lost;
  } else if (node.type === 'FORK_JOIN_DYNAMIC' && hasLostBranch(draft, row)) {
    draft.repair('lost-successor', row.key);
    draft.put({ ...row, cursor: 0, isSettled: false });
    return [{ type: 'settle', key: row.key }];
  }
  const missing = successorsOf(draft, node, row).filter((key) => draft.row(key) === null);
  const page = missing.slice(0, Math.max(1, draft.room));
  if (page.length < missing.length) draft.hasMore = true;
  for (const key of page) draft.repair('lost-successor', key);
  const end = missing.length === 0 ? endAfter(draft, node, row) : null;
  if (end?.type === 'run-end' && !draft.run.isRootDone) {
    draft.repair('no-open-task', row.key);
    draft.patchRun({ isRootDone: true });
  }
  if (end?.type === 'iteration-end' && isAtIteration(draft, end)) {
    draft.repair('lost-successor', end.loop);
    return stepsTo(end);
  }
  return page.map((key) => ({ type: 'enter', key }));
}

function hasLostBranch(draft: Draft, row: TaskRow): boolean {
  return dynamicKeys(draft, row.key).some((key) => draft.row(key) === null);
}

function successorsOf(draft: Draft, node: PlanNode, row: TaskRow): readonly TaskKey[] {
  const { iterations } = node;
  if (node.type === 'FORK_JOIN') {
    const refs = [...node.branches, node.join].filter((ref) => ref !== null);
    return refs.map((ref) => taskKeyOf(ref, iterations));
  }
  if (isChoice(node)) {
    const first = takenCase(draft, node, row)?.first ?? null;
    if (first !== null) return [taskKeyOf(first, iterations)];
  }
  const next = continuationOf(draft.plan, node);
  return next.type === 'task' ? [next.key] : [];
}

/** What the end of this task is the end of; null when tasks inside it are still to come. */
function endAfter(draft: Draft, node: PlanNode, row: TaskRow): Continuation | null {
  const hasCase = isChoice(node) && (takenCase(draft, node, row)?.first ?? null) !== null;
  return hasCase ? null : continuationOf(draft.plan, node);
}

/** Iterations whose first task a reset has taken back by itself. */
function lostIterations(draft: Draft, row: TaskRow): Steps {
  if (draft.run.resetting === null || row.status === 'SKIPPED') return NO_STEPS;
  const { body, iterations } = nodeOf(draft, row);
  if (body === null) return NO_STEPS;
  return Array.from({ length: row.cursor }, (_, i) => taskKeyOf(body, [...iterations, i + 1]))
    .filter((key) => ['reset', 'retry'].includes(draft.shadow(key)?.shadow ?? ''))
    .map((key) => ({ type: 'enter', key }));
}

/** The loop is still where this iteration has left it. */
function isAtIteration(
  draft: Draft,
  { loop, iteration }: Extract<Continuation, { type: 'iteration-end' }>,
): boolean {
  const row = draft.row(loop);
  return row !== null && !isTerminalTask(row.status) && row.cursor === iteration;
}
