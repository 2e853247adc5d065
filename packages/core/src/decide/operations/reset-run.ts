import { taskKeyOf } from '../../run/ids.ts';
import type { Reset } from '../../run/run-state.ts';
import { isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { arrivalsInside } from '../joins/closed-path.ts';
import type { Draft } from '../slices/draft.ts';
import { reconcile } from '../reconcile.ts';
import { abandonChild } from '../runs/request-run.ts';
import { resetGraph } from './reset-graph.ts';
import { isChoice } from '../slices/taken-case.ts';

/*
 * A reset in decisions of a bounded size. First, page by page, tasks become shadows of themselves and joins and loops
 * are opened again: the run is then as if the flow had come just so far. What should follow from what is left is found
 * as a full evaluation finds it, by the same function, and entered: attempts count on, so that a late result, letter or
 * job of an earlier one is stale. A process that dies between two decisions leaves the rest to the next one.
 */

/** Begin a reset, or widen the one that an end has cut short, and take the first page back. */
export function beginReset(draft: Draft, { isAll, keys }: Omit<Reset, 'isCleared'>): void {
  const before = draft.run.resetting;
  const isUnfinished = before !== null && !before.isCleared;
  const reset = {
    isAll: isAll || (isUnfinished && before.isAll),
    keys: isUnfinished ? [...new Set([...before.keys, ...keys])] : keys,
    isCleared: false,
  };
  draft.patchRun({ resetting: reset });
  clearPage(draft, reset);
}

/** Go on with a reset; every row of the run is at hand. */
export function continueReset(draft: Draft, reset: Reset): void {
  draft.requireWhole();
  if (!reset.isCleared) {
    clearPage(draft, reset);
    return;
  }
  draft.hasMore = false;
  reconcile(draft);
  const isDone = !draft.hasMore && !draft.isFull && draft.run.closing === null;
  if (isDone) draft.patchRun({ resetting: null });
  draft.hasMore = true;
}

function clearPage(draft: Draft, reset: Reset): void {
  draft.hasMore = true;
  const rows = [...draft.slice.rows.values()].filter((row) => row !== null);
  const { gone, retried, reopened, isRootOpen } = resetGraph(draft.plan, rows, reset);
  draft.patchRun({ open: rows.filter((row) => !row.isSettled).length });
  for (const row of rows) {
    if (draft.isFull) return;
    if (gone.has(row.key)) takeBack(draft, row, { isGroup: isGroupItself(reset, row) });
    else if (retried.has(row.key)) takeBack(draft, row, { shadow: 'retry' });
    else if (reopened.has(row.key)) reopen(draft, row, reopened.get(row.key) ?? 0);
  }
  if (reset.isGroup === true) {
    const kept = draft.run.failedPermissive.filter((key) => !gone.has(taskKeyOf(key)));
    draft.patchRun({ failedPermissive: kept });
  }
  if (isRootOpen) draft.patchRun({ isRootDone: false });
  draft.patchRun({ resetting: { ...reset, isCleared: true } });
}

/** What is inside it counts its tries anew. */
function isGroupItself({ isGroup, keys }: Reset, { key }: TaskRow): boolean {
  return isGroup === true && keys.includes(key);
}

/** The task is as if the flow had never come there; `isGiven`: its next attempt takes the input that is stored. */
export function takeBack(
  draft: Draft,
  row: TaskRow,
  {
    isGiven = false,
    isGroup = false,
    shadow = 'reset',
  }: {
    readonly isGiven?: boolean;
    readonly isGroup?: boolean;
    readonly shadow?: 'reset' | 'retry';
  } = {},
): void {
  const { groupTries = 0, ...rest } = row;
  const { key, attempt, status } = row;
  const known = draft.shadow(key)?.shadow ?? 'skip';
  if (known !== 'skip') return;
  abandonChild(draft, row, 'the task was taken back');
  const isOpen = !isTerminalTask(status);
  draft.put({
    ...rest,
    ...(isGroup && { groupTries: groupTries + 1 }),
    status: isOpen ? 'CANCELED' : status,
    isSettled: true,
    shadow,
    hasGivenInput: isGiven,
  });
  draft.clear(`total:${key}`);
  for (const join of Object.keys(row.joins)) draft.leave(taskKeyOf(join), key);
  if (isChoice(row)) {
    for (const arrival of arrivalsInside(draft.plan, row)) draft.leave(arrival.join, arrival.key);
  }
  if (attempt > 0) draft.record({ type: 'task.taken-back', key, attempt });
}

function reopen(draft: Draft, row: TaskRow, cursor: number): void {
  if (!isTerminalTask(row.status)) return;
  const { key, attempt, type } = row;
  draft.put({
    ...row,
    status: 'IN_PROGRESS',
    isSettled: false,
    reason: '',
    endedAt: 0,
    cursor: type === 'DO_WHILE' ? cursor : row.cursor,
  });
  for (const join of Object.keys(row.joins)) draft.leave(taskKeyOf(join), key);
  draft.record({ type: 'task.reopened', key, attempt });
}
