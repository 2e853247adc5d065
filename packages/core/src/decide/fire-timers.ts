import type { TaskDef } from '../definition/task-def.ts';
import { taskIdOf } from '../run/ids.ts';
import { isTerminalTask } from '../run/status.ts';
import type { TaskRow } from '../run/task-row.ts';
import { parseTimer, type TimerId, type TimerKind } from '../run/timer.ts';
import { closeRun } from './close-run.ts';
import type { Draft } from './draft.ts';
import { nodeOf } from './node-of.ts';
import { operatorOf } from './operator-table.ts';
import { dispatch } from './operators/worker-task.ts';

/** Act on the timers whose moment has come. One that no longer applies is cleared. */
export function fireTimers(draft: Draft): void {
  for (const timer of draft.slice.due) {
    if (draft.run.closing !== null) return;
    const parsed = parseTimer(timer);
    if (parsed === null) fireRunTimer(draft);
    else {
      const row = draft.row(parsed.key);
      if (row === null || isTerminalTask(row.status)) draft.clear(timer);
      else fireTaskTimer(draft, parsed.kind, row, timer);
    }
  }
}

function fireRunTimer(draft: Draft): void {
  const { timeoutPolicy, timeoutSeconds } = draft.plan.definition;
  const reason = `Workflow timed out after ${timeoutSeconds} seconds. Timeout configured as ${timeoutSeconds} seconds. Timeout policy configured to ${timeoutPolicy}`;
  draft.clear('run');
  if (timeoutPolicy === 'TIME_OUT_WF') closeRun(draft, 'TIMED_OUT', reason);
  else draft.record({ type: 'timer.ignored', timer: 'run', reason });
}

function fireTaskTimer(draft: Draft, kind: TimerKind, row: TaskRow, timer: TimerId): void {
  const node = nodeOf(draft, row);
  switch (kind) {
    case 'delay': {
      dispatch(draft, row);
      return;
    }
    case 'wait': {
      operatorOf(node.type).onWait?.(draft, node, row);
      return;
    }
    case 'response': {
      const seconds = node.taskDef.responseTimeoutSeconds;
      timeOut(
        draft,
        row,
        `responseTimeout: ${seconds} seconds without an update of task ${taskIdOf(draft.run.id, row.key)}`,
      );
      return;
    }
    case 'total': {
      const reason = `Task ${row.key} exceeded total timeout of ${node.taskDef.totalTimeoutSeconds} seconds`;
      timeOut(draft, { ...row, isSettled: true }, reason);
      draft.clear(timer);
      closeRun(draft, 'TIMED_OUT', reason);
      return;
    }
    case 'timeout':
    case 'poll': {
      firePolicyTimer(draft, kind, row, node.taskDef);
      return;
    }
  }
}

function firePolicyTimer(draft: Draft, kind: 'timeout' | 'poll', row: TaskRow, def: TaskDef): void {
  const seconds = kind === 'poll' ? (def.pollTimeoutSeconds ?? 0) : def.timeoutSeconds;
  const what = kind === 'poll' ? 'Task poll timed out' : 'Task timed out';
  const reason = `${what} after ${seconds} seconds. Timeout configured as ${seconds} seconds. Timeout policy configured to ${def.timeoutPolicy}`;
  if (def.timeoutPolicy === 'ALERT_ONLY') {
    draft.clear(`${kind}:${row.key}`);
    draft.record({ type: 'timer.ignored', timer: `${kind}:${row.key}`, reason });
  } else if (def.timeoutPolicy === 'RETRY') {
    timeOut(draft, row, reason);
  } else {
    timeOut(draft, { ...row, isSettled: true }, reason);
    closeRun(draft, 'TIMED_OUT', reason);
  }
}

/** The attempt is over; the next decision retries it or gives up. Its late result is stale. */
function timeOut(draft: Draft, row: TaskRow, reason: string): void {
  draft.put({ ...row, status: 'TIMED_OUT', reason });
  draft.record({
    type: 'task.decided',
    key: row.key,
    attempt: row.attempt,
    status: 'TIMED_OUT',
    reason,
  });
}
