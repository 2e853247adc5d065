import type { TaskKey } from '../../run/ids.ts';
import { isSuccessfulTask, isTerminalTask, type TaskStatus } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { doneKeys } from './done-keys.ts';
import type { Draft } from '../slices/draft.ts';
import { joinedKeys } from './joined-keys.ts';
import { judgeExclusiveJoin } from './judge-exclusive-join.ts';
import { wantedArrivals } from './quiet-limit.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/**
 * Fire the join when every task that it names is done with, or can never be reached any more because a switch has
 * taken another case; with `joinCount`, when that many have completed. The count only spares the reading.
 */
export function judgeJoin(draft: Draft, key: TaskKey): Steps {
  const row = draft.row(key);
  if (row === null || isTerminalTask(row.status)) return NO_STEPS;
  if (row.type === 'EXCLUSIVE_JOIN') return judgeExclusiveJoin(draft, row);
  const width = joinedKeys(draft, row).length;
  if (draft.arrivals(key) < wantedArrivals(draft.plan.nodes.get(row.ref), width)) return NO_STEPS;
  return judgeByState(draft, row);
}

/** Judge an open join from the states of its tasks alone, as if nobody had counted. */
export function judgeByState(draft: Draft, row: TaskRow): Steps {
  if (row.type === 'EXCLUSIVE_JOIN') return judgeExclusiveJoin(draft, row);
  const keys = joinedKeys(draft, row);
  const done = doneKeys(draft, keys);
  const branches = done.map((each) => draft.row(each)).filter((each) => each !== null);
  const node = draft.plan.nodes.get(row.ref);
  const wanted = wantedArrivals(node, keys.length);
  const isCounted = (node?.task.joinCount ?? 0) > 0;
  const completed = branches.filter(({ status }) => status === 'COMPLETED' || status === 'SKIPPED');
  if (isCounted && completed.length >= wanted) {
    return fire(draft, row, { status: 'COMPLETED', reason: '', branches: completed.length });
  }
  if (done.length < keys.length) return NO_STEPS;
  if (!isCounted) return fire(draft, row, verdict(branches));
  const reason = `${completed.length} of ${wanted} tasks have completed`;
  return fire(draft, row, { status: 'FAILED', reason, branches: branches.length });
}

interface Verdict {
  readonly status: TaskStatus;
  readonly reason: string;
  readonly branches: number;
}

function fire(draft: Draft, row: TaskRow, { status, reason, branches }: Verdict): Steps {
  draft.put({ ...row, status, reason });
  draft.record({ type: 'join.fired', key: row.key, status, branches });
  return [{ type: 'settle', key: row.key }];
}

function verdict(branches: readonly TaskRow[]): Verdict {
  const failed = branches.filter((each) => !isSuccessfulTask(each.status) && !each.isOptional);
  const withErrors = branches.filter((each) => each.status === 'COMPLETED_WITH_ERRORS');
  const status = statusOf(failed, withErrors.length);
  const reason = (failed.length > 0 ? failed : withErrors).map((each) => each.reason).join(' ');
  return { status, reason, branches: branches.length };
}

function statusOf(failed: readonly TaskRow[], withErrors: number): TaskStatus {
  if (failed.length > 0) {
    return failed.every((each) => each.status === 'CANCELED') ? 'CANCELED' : 'FAILED';
  }
  return withErrors > 0 ? 'COMPLETED_WITH_ERRORS' : 'COMPLETED';
}
