import type { TaskDef } from '../../definition/task-def.ts';
import { taskKeyOf } from '../../run/ids.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { timerOf, type TimerId } from '../../run/timer.ts';
import type { Draft } from '../slices/draft.ts';
import { doneKeys } from '../joins/done-keys.ts';
import { judgeByState } from '../joins/judge-join.ts';
import { isRunTask } from '../runs/request-run.ts';
import { joinedKeys } from '../joins/joined-keys.ts';
import { nodeOf } from '../slices/node-of.ts';
import { isWorkerType } from '../operator-table.ts';
import { waitDelayMs } from '../operators/wait.ts';
import { dispatch } from '../operators/worker-task.ts';
import { NO_STEPS, type Steps } from '../step.ts';
import { watchChild } from '../runs/watch-child.ts';

/*
 * Part of the full evaluation: something must be going to wake every open row, and the run itself.
 */

/** See that an open row will be woken. */
export function watchRow(draft: Draft, row: TaskRow): Steps {
  if (row.type === 'JOIN' || row.type === 'EXCLUSIVE_JOIN') return watchJoin(draft, row);
  if (row.type === 'DO_WHILE') return watchLoop(draft, row);
  if (isRunTask(row)) {
    watchRunTask(draft, row);
    return watchChild(draft, row);
  }
  if (row.type === 'WAIT') watchWait(draft, row);
  else if (isWorkerType(row.type)) watchWorkerTask(draft, row);
  return NO_STEPS;
}

/** See that the run's own time-out is armed. */
export function watchRun(draft: Draft): void {
  if (draft.run.compensating !== null) return;
  const { timeoutSeconds, timeoutPolicy } = draft.plan.definition;
  const { createdAt, retriedAt } = draft.run;
  const elapsedMs = draft.slice.at - (retriedAt || createdAt);
  const restMs = timeoutSeconds * 1000 - elapsedMs;
  rearm(draft, 'run', {
    restMs,
    isArmed: timeoutSeconds > 0,
    isOver: timeoutPolicy !== 'TIME_OUT_WF' && restMs <= 0,
  });
}

function watchJoin(draft: Draft, row: TaskRow): Steps {
  const steps = judgeByState(draft, row);
  if (steps.length > 0) {
    draft.repair('join-not-fired', row.key);
    return steps;
  }
  const done = doneKeys(draft, joinedKeys(draft, row));
  if (done.length > draft.arrivals(row.key)) {
    draft.repair('wrong-count', row.key);
    for (const key of done) draft.arrive(row.key, key);
  }
  return NO_STEPS;
}

/** An open loop is in an iteration, which has begun. */
function watchLoop(draft: Draft, row: TaskRow): Steps {
  const { body, iterations } = nodeOf(draft, row);
  const key = body === null ? null : taskKeyOf(body, [...iterations, row.cursor]);
  if (key === null || draft.row(key) !== null) return NO_STEPS;
  draft.repair('lost-successor', key);
  return [{ type: 'enter', key }];
}

function watchWorkerTask(draft: Draft, row: TaskRow): void {
  const { whole } = draft.slice;
  if (whole === null) return;
  const isDelayed = whole.timers.has(timerOf('delay', row.key));
  const isWatched =
    row.status === 'IN_PROGRESS'
      ? whole.leases.has(row.key)
      : whole.checks.has(row.key) || isDelayed;
  const { taskDef } = nodeOf(draft, row);
  watchTotal(draft, row, taskDef);
  if (!isWatched) {
    draft.repair('lost-timer', row.key);
    dispatch(draft, { ...row, status: 'SCHEDULED', token: '', worker: '' });
  } else if (row.status === 'IN_PROGRESS') watchClaimed(draft, row, taskDef);
  else if (!isDelayed) {
    const isOver = taskDef.timeoutPolicy === 'ALERT_ONLY';
    const restMs = row.pollTimeoutMs;
    rearm(draft, timerOf('poll', row.key), { restMs, isArmed: restMs > 0, isOver });
  }
}

function watchRunTask(draft: Draft, row: TaskRow): void {
  const { taskDef } = nodeOf(draft, row);
  watchTotal(draft, row, taskDef);
  if (row.status === 'IN_PROGRESS')
    watchTimeout(draft, row, { def: taskDef, since: row.scheduledAt });
}

function watchTotal(draft: Draft, row: TaskRow, def: TaskDef): void {
  const periodMs = def.totalTimeoutSeconds * 1000;
  const restMs = periodMs - (draft.slice.at - row.firstScheduledAt);
  rearm(draft, timerOf('total', row.key), { restMs, isArmed: periodMs > 0, isOver: false });
}

function watchClaimed(draft: Draft, row: TaskRow, def: TaskDef): void {
  const { responseTimeoutMs } = row;
  watchTimeout(draft, row, { def, since: row.startedAt });
  // The last sign of life is not known here; the lease says that there was one lately.
  const response = { restMs: responseTimeoutMs, isArmed: responseTimeoutMs > 0, isOver: false };
  rearm(draft, timerOf('response', row.key), response);
}

function watchTimeout(
  draft: Draft,
  row: TaskRow,
  { def, since }: { readonly def: TaskDef; readonly since: number },
): void {
  const { key, timeoutMs } = row;
  const restMs = timeoutMs - (draft.slice.at - since);
  const isOver = def.timeoutPolicy === 'ALERT_ONLY' && restMs <= 0;
  rearm(draft, timerOf('timeout', key), { restMs, isArmed: timeoutMs > 0, isOver });
}

function watchWait(draft: Draft, row: TaskRow): void {
  const delay = waitDelayMs(draft.data(`i:${row.key}`) ?? {}, row.scheduledAt);
  if (typeof delay !== 'number') return;
  const restMs = row.scheduledAt + delay - draft.slice.at;
  rearm(draft, timerOf('wait', row.key), { restMs, isArmed: true, isOver: false });
}

/** Arm a timer that ought to be there. `isOver`: it only warns, and may have done so. */
function rearm(
  draft: Draft,
  timer: TimerId,
  { restMs, isArmed, isOver }: { restMs: number; isArmed: boolean; isOver: boolean },
): void {
  if (!isArmed || isOver || draft.slice.whole?.timers.has(timer) !== false) return;
  draft.repair('lost-timer', timer);
  draft.arm(timer, restMs);
}
