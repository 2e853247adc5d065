import { childRunIdOf, parseRunId, type RunId } from '../../run/ids.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { timerOf } from '../../run/timer.ts';
import type { Draft } from '../slices/draft.ts';

/*
 * Attempts that another run carries out. The run's id is the attempt's token: a result counts only from that run.
 */

/** Ask for the run of an attempt by letter; answers its id. Asking again makes no other run. */
export function requestRun(
  draft: Draft,
  row: TaskRow,
  letter: {
    readonly type: 'start-child' | 'start-run';
    readonly isFresh: boolean;
    /** What decides its partition; null = chance. */
    readonly meetsAt?: string | null;
  },
): RunId {
  const { type, isFresh, meetsAt = null } = letter;
  const { key, attempt } = row;
  const to = childRunIdOf(draft.run.id, row, (unique) => draft.partitionFor(meetsAt ?? unique));
  draft.put({ ...row, status: 'IN_PROGRESS', token: to }, isFresh);
  if (row.timeoutMs > 0) draft.arm(timerOf('timeout', key), row.timeoutMs);
  draft.send({ type, to, key, attempt });
  draft.record({ type: 'child.requested', key, attempt, runId: to });
  return to;
}

/** True for tasks that another run carries out. */
export function isRunTask({ type }: Pick<TaskRow, 'type'>): boolean {
  return type === 'SUB_WORKFLOW' || type === 'START_WORKFLOW';
}

/** The run that carries out an open attempt; null when none does. */
export function requestedRunOf(row: TaskRow): RunId | null {
  return isRunTask(row) && row.status === 'IN_PROGRESS' ? parseRunId(row.token) : null;
}

/** The attempt ends without its child: the child is to end too. A run that was merely started goes on. */
export function abandonChild(draft: Draft, row: TaskRow, why: string): void {
  const to = row.type === 'SUB_WORKFLOW' ? requestedRunOf(row) : null;
  if (to === null) return;
  const reason = `Parent workflow has been terminated with reason: ${why}`;
  draft.send({ type: 'cancel-child', to, key: row.key, attempt: row.attempt, reason });
}
