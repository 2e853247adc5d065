import type { TaskDef } from '../../definition/task-def.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { isSuccessfulTask, isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { parseTimer, type TimerId, type TimerKind } from '../../run/timer.ts';
import { closeRun } from '../ends/close-run.ts';
import type { Draft } from '../slices/draft.ts';
import { nodeOf } from '../slices/node-of.ts';
import { operatorOf } from '../operator-table.ts';
import { abandonChild } from '../runs/request-run.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/** Act on one timer whose moment has come. One that no longer applies is cleared. */
export function fireTimer(draft: Draft, timer: TimerId): Steps {
  if (draft.run.closing !== null) return NO_STEPS;
  const parsed = parseTimer(timer);
  if (parsed === null) {
    fireRunTimer(draft);
    return NO_STEPS;
  }
  const row = draft.row(parsed.key);
  if (row !== null && !isTerminalTask(row.status)) return fireTaskTimer(draft, parsed.kind, row);
  // Between two attempts: the total time-out stays due, and whoever settles the failure sees it.
  const isBetweenAttempts = row !== null && !row.isSettled && !isSuccessfulTask(row.status);
  if (parsed.kind !== 'total' || !isBetweenAttempts) draft.clear(timer);
  return NO_STEPS;
}

function fireRunTimer(draft: Draft): void {
  const { timeoutPolicy, timeoutSeconds } = draft.plan.definition;
  const reason = `Workflow timed out after ${timeoutSeconds} seconds. Timeout configured as ${timeoutSeconds} seconds. Timeout policy configured to ${timeoutPolicy}`;
  draft.clear('run');
  if (timeoutPolicy === 'TIME_OUT_WF') closeRun(draft, 'TIMED_OUT', reason);
  else draft.record({ type: 'timer.ignored', timer: 'run', reason });
}

function fireTaskTimer(draft: Draft, kind: TimerKind, row: TaskRow): Steps {
  const node = nodeOf(draft, row);
  switch (kind) {
    case 'delay':
      operatorOf(node.type).attempts?.handOver(draft, row, false);
      break;
    case 'wait':
      return fireWait(draft, node, row);
    case 'response': {
      const seconds = node.taskDef.responseTimeoutSeconds;
      timeOut(
        draft,
        row,
        `Task ${row.key} was not updated for ${seconds} seconds (responseTimeout)`,
      );
      break;
    }
    case 'total': {
      timeOutTotal(draft, row, node.taskDef);
      break;
    }
    case 'timeout':
    case 'poll':
      firePolicyTimer(draft, kind, row, node.taskDef);
      break;
  }
  return NO_STEPS;
}

function fireWait(draft: Draft, node: PlanNode, row: TaskRow): Steps {
  const operator = operatorOf(node.type);
  if (operator.onWait !== undefined) return operator.onWait(draft, row);
  draft.clear(`wait:${row.key}`);
  return NO_STEPS;
}

/** All attempts together took too long: no other follows, and the run ends. */
export function timeOutTotal(draft: Draft, row: TaskRow, def: TaskDef): void {
  const reason = `Task ${row.key} exceeded total timeout of ${def.totalTimeoutSeconds} seconds`;
  if (draft.run.compensating === null) draft.clear(`total:${row.key}`);
  timeOutRun(draft, row, reason);
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
    timeOutRun(draft, row, reason);
  }
}

/** The run ends with the attempt, unless it is about to end: then only the attempt does. */
function timeOutRun(draft: Draft, row: TaskRow, reason: string): void {
  if (draft.run.compensating !== null) {
    timeOut(draft, row, reason);
    return;
  }
  timeOut(draft, { ...row, isSettled: true }, reason);
  closeRun(draft, 'TIMED_OUT', reason, { task: row.key });
}

/** The attempt is over; the next decision retries it or gives up. Its late result is stale. */
function timeOut(draft: Draft, row: TaskRow, reason: string): void {
  abandonChild(draft, row, reason);
  draft.put({ ...row, status: 'TIMED_OUT', reason });
  draft.record({
    type: 'task.decided',
    key: row.key,
    attempt: row.attempt,
    status: 'TIMED_OUT',
    reason,
  });
}
