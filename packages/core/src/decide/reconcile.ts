import { continuationOf } from '../plan/continuation.ts';
import { isSuccessfulTask, isTerminalTask } from '../run/status.ts';
import type { TaskRow } from '../run/task-row.ts';
import { timerOf, type TimerId } from '../run/timer.ts';
import { taskKeyOf } from '../run/ids.ts';
import type { Draft } from './draft.ts';
import { nodeOf } from './node-of.ts';
import { isWorkerType } from './operator-table.ts';
import { firstOfCase } from './operators/switch.ts';
import { dynamicKeys } from './dynamic-branches.ts';
import { isDoneWith, judgeJoin } from './judge-join.ts';
import { joinedKeys } from './joined-keys.ts';
import { waitDelayMs } from './operators/wait.ts';
import { dispatch } from './operators/worker-task.ts';
import { NO_STEPS, type Steps } from './step.ts';
import { takeSteps } from './take-steps.ts';

/*
 * The full evaluation: every row is at hand, and the state is compared with itself. In a healthy run it finds nothing;
 * whatever it finds is mended by the same functions that ordinary decisions use, and recorded as a repair.
 */

/** Find what an ordinary decision should have done, and do it. */
export function reconcile(draft: Draft): void {
  const rows = currentRows(draft);
  recount(draft, rows);
  if (rows.length === 0 && !draft.run.isRootDone) {
    draft.repair('no-open-task', draft.plan.first);
    takeSteps(draft, [{ type: 'enter', ref: draft.plan.first }]);
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

function reconcileRow(draft: Draft, stored: TaskRow): Steps {
  const row = draft.row(stored.key);
  if (row === null || row !== stored) return NO_STEPS;
  if (!isTerminalTask(row.status)) return watch(draft, row);
  if (row.isSettled) {
    return isSuccessfulTask(row.status) || row.isPermissive ? findSuccessor(draft, row) : NO_STEPS;
  }
  if (draft.slice.todo.includes(row.key)) return NO_STEPS;
  draft.repair('unsettled-task', row.key);
  return [{ type: 'settle', key: row.key }];
}

/** Rows as they were loaded, by order of creation; earlier attempts are not among them. */
function currentRows(draft: Draft): readonly TaskRow[] {
  return [...draft.slice.rows.values()]
    .filter((row) => row !== null)
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
  if (row.type === 'FORK_JOIN_DYNAMIC' && hasLostBranch(draft, row)) {
    draft.repair('lost-successor', row.key);
    draft.put({ ...row, cursor: 0, isSettled: false });
    return [{ type: 'settle', key: row.key }];
  }
  const missing = successorsOf(draft, row).filter((ref) => draft.row(taskKeyOf(ref)) === null);
  for (const ref of missing) draft.repair('lost-successor', ref);
  if (missing.length === 0 && !draft.run.isRootDone && isLastOfRoot(draft, row)) {
    draft.repair('no-open-task', row.key);
    draft.patchRun({ isRootDone: true });
  }
  return missing.map((ref) => ({ type: 'enter', ref }));
}

function hasLostBranch(draft: Draft, row: TaskRow): boolean {
  return dynamicKeys(draft, row.key).some((key) => draft.row(key) === null);
}

function successorsOf(draft: Draft, row: TaskRow): readonly string[] {
  const node = nodeOf(draft, row);
  if (node.type === 'FORK_JOIN') {
    return [...node.branches, node.join].filter((ref) => ref !== null);
  }
  if (node.type === 'SWITCH') {
    const first = firstOfCase(draft, node, row);
    if (first !== null) return [first];
  }
  if (node.join !== null) return [node.join];
  const next = continuationOf(draft.plan, node);
  return next.type === 'task' ? [next.ref] : [];
}

function isLastOfRoot(draft: Draft, row: TaskRow): boolean {
  const node = nodeOf(draft, row);
  if (node.type === 'SWITCH' && firstOfCase(draft, node, row) !== null) return false;
  if (node.join !== null || node.type === 'TERMINATE') return false;
  return continuationOf(draft.plan, node).type === 'run-end';
}

/** An open row: something must be going to wake it. */
function watch(draft: Draft, row: TaskRow): Steps {
  if (row.type === 'JOIN') return watchJoin(draft, row);
  if (row.type === 'WAIT') watchWait(draft, row);
  else if (isWorkerType(row.type)) watchWorkerTask(draft, row);
  return NO_STEPS;
}

function watchJoin(draft: Draft, row: TaskRow): Steps {
  const steps = judgeJoin(draft, row.key);
  if (steps.length > 0) {
    draft.repair('join-not-fired', row.key);
    return steps;
  }
  const done = joinedKeys(draft, row).filter((key) => isDoneWith(draft.row(key)));
  if (done.length > draft.arrivals(row.key)) {
    draft.repair('wrong-count', row.key);
    for (const key of done) draft.arrive(row.key, key);
  }
  return NO_STEPS;
}

function watchWorkerTask(draft: Draft, row: TaskRow): void {
  const { whole, at } = draft.slice;
  if (whole === null) return;
  const isWatched =
    row.status === 'IN_PROGRESS'
      ? whole.leases.has(row.key)
      : whole.checks.has(row.key) || whole.timers.has(timerOf('delay', row.key));
  if (!isWatched) {
    draft.repair('lost-timer', row.key);
    dispatch(draft, { ...row, status: 'SCHEDULED', token: '', worker: '' });
    return;
  }
  if (row.status !== 'IN_PROGRESS') return;
  rearm(draft, timerOf('timeout', row.key), row.timeoutMs, at - row.startedAt);
  rearm(draft, timerOf('response', row.key), row.responseTimeoutMs, at - row.startedAt);
}

function rearm(draft: Draft, timer: TimerId, periodMs: number, elapsedMs: number): void {
  if (periodMs === 0 || draft.slice.whole?.timers.has(timer) !== false) return;
  draft.repair('lost-timer', timer);
  draft.arm(timer, periodMs - elapsedMs);
}

function watchWait(draft: Draft, row: TaskRow): void {
  const timer = timerOf('wait', row.key);
  if (draft.slice.whole?.timers.has(timer) !== false) return;
  const delay = waitDelayMs(draft.data(`i:${row.key}`) ?? {}, row.scheduledAt);
  if (typeof delay !== 'number') return;
  draft.repair('lost-timer', timer);
  draft.arm(timer, row.scheduledAt + delay - draft.slice.at);
}
