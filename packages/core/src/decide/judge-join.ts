import type { TaskKey } from '../run/ids.ts';
import { isSuccessfulTask, isTerminalTask, type TaskStatus } from '../run/status.ts';
import type { TaskRow } from '../run/task-row.ts';
import { closedPathNeeds, isOnClosedPath } from './closed-path.ts';
import type { Draft } from './draft.ts';
import { joinedKeys } from './joined-keys.ts';
import { NO_STEPS, type Steps } from './step.ts';

/**
 * Fire the join when every task that it names is done with, or can never be reached any more because a switch has
 * taken another case. The count only spares the reading.
 */
export function judgeJoin(draft: Draft, key: TaskKey): Steps {
  const row = draft.row(key);
  if (row === null || isTerminalTask(row.status)) return NO_STEPS;
  if (draft.arrivals(key) < joinedKeys(draft, row).length) return NO_STEPS;
  return judgeByState(draft, row);
}

/** Judge an open join from the states of its tasks alone, as if nobody had counted. */
export function judgeByState(draft: Draft, row: TaskRow): Steps {
  const keys = joinedKeys(draft, row);
  if (doneKeys(draft, keys).length < keys.length) return NO_STEPS;
  const branches = keys.map((each) => draft.row(each)).filter((each) => each !== null);
  return fire(draft, row, branches);
}

/** The tasks among these that a join does not wait for any longer. */
export function doneKeys(draft: Draft, keys: readonly TaskKey[]): readonly TaskKey[] {
  draft.require({ rows: keys, data: [], arrivals: [] });
  const absent = keys.filter((key) => draft.row(key) === null);
  if (absent.length > 0) {
    draft.require({ ...closedPathNeeds(draft.plan, absent), arrivals: [] });
  }
  return keys.filter((key) => {
    const row = draft.row(key);
    return row === null ? isOnClosedPath(draft, key) : isDoneWith(row);
  });
}

/** Terminal, and no retry can follow. */
function isDoneWith(row: TaskRow): boolean {
  return isTerminalTask(row.status) && (row.isSettled || isSuccessfulTask(row.status));
}

function fire(draft: Draft, row: TaskRow, branches: readonly TaskRow[]): Steps {
  const failed = branches.filter((each) => !isSuccessfulTask(each.status) && !each.isOptional);
  const withErrors = branches.filter((each) => each.status === 'COMPLETED_WITH_ERRORS');
  const status = verdict(failed, withErrors.length);
  const reason = (failed.length > 0 ? failed : withErrors).map((each) => each.reason).join(' ');
  draft.put({ ...row, status, reason });
  draft.record({ type: 'join.fired', key: row.key, status, branches: branches.length });
  return [{ type: 'settle', key: row.key }];
}

function verdict(failed: readonly TaskRow[], withErrors: number): TaskStatus {
  if (failed.length > 0) {
    return failed.every((each) => each.status === 'CANCELED') ? 'CANCELED' : 'FAILED';
  }
  return withErrors > 0 ? 'COMPLETED_WITH_ERRORS' : 'COMPLETED';
}
