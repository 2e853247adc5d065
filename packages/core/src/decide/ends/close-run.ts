import type { Closing } from '../../run/run-state.ts';
import { isTerminalTask, type EndStatus } from '../../run/status.ts';
import type { Draft } from '../slices/draft.ts';
import { beginCompensating } from './begin-compensating.ts';
import { NO_STEPS, type Steps } from '../step.ts';
import { requestFailureRun } from './request-failure-run.ts';
import { abandonChild } from '../runs/request-run.ts';

/** Begin to end the run: nothing new is scheduled, claimed or completed; open tasks are canceled page by page. */
export function closeRun(
  draft: Draft,
  status: EndStatus,
  reason: string,
  cause: Pick<Closing, 'task' | 'isWanted'> = {},
): void {
  if (draft.run.closing !== null) return;
  draft.patchRun({ closing: { status, reason, ...cause } });
  draft.record({ type: 'run.closing', status, reason });
  draft.hasMore = true;
}

/**
 * Cancel the open tasks of this page, then settle what ended meanwhile; after the last page the run has ended, or what
 * its tasks have done is taken back first.
 */
export function continueClosing(draft: Draft): Steps {
  const { closing } = draft.run;
  const page = draft.slice.openPage;
  if (closing === null) return NO_STEPS;
  if (page === null) {
    draft.hasMore = true;
    return NO_STEPS;
  }
  for (const row of page.rows.filter((each) => !isTerminalTask(each.status))) {
    abandonChild(draft, row, closing.reason);
    draft.put({ ...row, status: 'CANCELED', isSettled: true, reason: closing.reason });
    draft.clear(`total:${row.key}`);
    draft.record({
      type: 'task.decided',
      key: row.key,
      attempt: row.attempt,
      status: 'CANCELED',
      reason: closing.reason,
    });
  }
  const isDone = !page.hasMore && settleEnded(draft);
  if (!isDone) {
    draft.hasMore = true;
    return NO_STEPS;
  }
  if (beginCompensating(draft, closing)) return [{ type: 'compensate' }];
  endRun(draft, closing);
  return NO_STEPS;
}

/** Terminal tasks that nobody has acted upon: nothing follows from them any more. False when some are left. */
function settleEnded(draft: Draft): boolean {
  const { todo, hasMoreTodo } = draft.slice;
  const page = todo.slice(0, Math.max(0, draft.room));
  for (const key of page) {
    const row = draft.row(key);
    if (row !== null && !row.isSettled && isTerminalTask(row.status)) {
      draft.put({ ...row, isSettled: true });
    }
    draft.clear(`total:${key}`);
  }
  return page.length === todo.length && !hasMoreTodo;
}

/** The run's last event. Whoever waits for the run is told by letter, and a failure workflow is started by one. */
export function endRun(draft: Draft, closing: Closing): void {
  const { status, reason } = closing;
  requestFailureRun(draft, closing);
  draft.patchRun({ status, reason, closing: null, compensating: null });
  draft.clear('run');
  draft.record({ type: 'run.ended', status, reason });
  const { parent } = draft.run;
  if (parent === null) return;
  const { runId: to, key, attempt } = parent;
  draft.send({ type: 'notify-parent', to, key, attempt });
}
