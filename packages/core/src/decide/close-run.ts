import { isTerminalTask, type EndStatus } from '../run/status.ts';
import type { Draft } from './draft.ts';

/** Begin to end the run: nothing new is scheduled, claimed or completed; open tasks are canceled page by page. */
export function closeRun(draft: Draft, status: EndStatus, reason: string): void {
  if (draft.run.closing !== null) return;
  draft.patchRun({ closing: { status, reason } });
  draft.record({ type: 'run.closing', status, reason });
  draft.hasMore = true;
}

/** Cancel the open tasks of this page; after the last page the run has ended. */
export function continueClosing(draft: Draft): void {
  const { closing } = draft.run;
  const page = draft.slice.openPage;
  if (closing === null) return;
  if (page === null) {
    draft.hasMore = true;
    return;
  }
  for (const row of page.rows.filter((each) => !isTerminalTask(each.status))) {
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
  if (page.hasMore) draft.hasMore = true;
  else endRun(draft, closing.status, closing.reason);
}

/** The run's last event. */
export function endRun(draft: Draft, status: EndStatus, reason: string): void {
  draft.patchRun({ status, reason, closing: null });
  draft.clear('run');
  draft.record({ type: 'run.ended', status, reason });
}
