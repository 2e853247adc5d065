import type { TaskKey } from '../../run/ids.ts';
import { isSuccessfulTask, isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { closedPathNeeds, isOnClosedPath } from './closed-path.ts';
import type { Draft } from '../slices/draft.ts';

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
