import type { TaskKey } from '../../run/ids.ts';
import { isSuccessfulTask, isTerminalTask, type TaskStatus } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../draft.ts';
import { newRow } from '../new-row.ts';
import type { Operator } from '../operator.ts';
import { settleTask } from '../settle-task.ts';
import { joinedKeys } from './joined-keys.ts';

/** JOIN: waits for the tasks that it names. Arrivals are counted by the store; the verdict comes from their states. */
export const join: Operator = {
  enter(draft, node) {
    const row = { ...newRow(draft, node), status: 'IN_PROGRESS' } as const;
    draft.put(row, true);
    draft.record({
      type: 'task.scheduled',
      key: row.key,
      attempt: 1,
      taskType: row.type,
      delayMs: 0,
    });
    judgeJoin(draft, row.key);
  },
};

/** Fire the join when every task that it names is done with. The count only spares the reading. */
export function judgeJoin(draft: Draft, key: TaskKey): void {
  const row = draft.row(key);
  if (row === null || isTerminalTask(row.status) || draft.run.closing !== null) return;
  const keys = joinedKeys(draft, row);
  if (draft.slice.whole === null && draft.arrivals(key) < keys.length) return;
  draft.require({ rows: keys, data: [], arrivals: [] });
  const rows = keys.map((each) => draft.row(each));
  if (!rows.every(isDoneWith)) return;
  fire(
    draft,
    row,
    rows.filter((each) => each !== null),
  );
}

/** Terminal, and no retry can follow. */
export function isDoneWith(row: TaskRow | null): boolean {
  return (
    row !== null && isTerminalTask(row.status) && (row.isSettled || isSuccessfulTask(row.status))
  );
}

function fire(draft: Draft, row: TaskRow, branches: readonly TaskRow[]): void {
  const failed = branches.filter(
    (branch) => !isSuccessfulTask(branch.status) && !branch.isOptional,
  );
  const withErrors = branches.filter((branch) => branch.status === 'COMPLETED_WITH_ERRORS');
  const status = verdict(failed, withErrors.length);
  const reason = (failed.length > 0 ? failed : withErrors).map((branch) => branch.reason).join(' ');
  const fired: TaskRow = { ...row, status, reason };
  draft.put(fired);
  draft.record({ type: 'join.fired', key: row.key, status, branches: branches.length });
  settleTask(draft, fired);
}

function verdict(failed: readonly TaskRow[], withErrors: number): TaskStatus {
  if (failed.length > 0) {
    return failed.every((branch) => branch.status === 'CANCELED') ? 'CANCELED' : 'FAILED';
  }
  return withErrors > 0 ? 'COMPLETED_WITH_ERRORS' : 'COMPLETED';
}
