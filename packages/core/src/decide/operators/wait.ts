import { parseWaitDuration, parseWaitUntil } from '../../definition/wait-duration.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { timerOf } from '../../run/timer.ts';
import type { Draft } from '../slices/draft.ts';
import { newRow } from '../attempts/new-row.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { NO_STEPS, type Steps } from '../step.ts';
import { failSystemTask } from './system-task.ts';

/** WAIT: for a duration, until a moment, or until somebody completes it. Holds no worker. */
export const wait: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const delay = waitDelayMs(input.value, draft.slice.at);
    if (typeof delay === 'string') return failSystemTask(draft, node, delay);
    return putWaiting(draft, node, { input: input.value, delayMs: delay });
  },

  onWait(draft, row) {
    draft.put({ ...row, status: 'COMPLETED' });
    const { key, attempt } = row;
    draft.record({ type: 'task.decided', key, attempt, status: 'COMPLETED', reason: '' });
    return [{ type: 'settle', key }];
  },
};

/** A row that waits: for its timer, or, without one, for whoever completes it. */
export function putWaiting(
  draft: Draft,
  node: PlanNode,
  { input, delayMs }: { readonly input: Json; readonly delayMs: number | null },
): Steps {
  const row = { ...newRow(draft, node), status: 'IN_PROGRESS' } as const;
  const { key, attempt, type: taskType } = row;
  draft.put(row, true);
  draft.putData(`i:${key}`, input);
  draft.record({ type: 'task.scheduled', key, attempt, taskType, delayMs: delayMs ?? 0 });
  if (delayMs !== null) draft.arm(timerOf('wait', key), delayMs);
  return NO_STEPS;
}

/** Arm the timer of a row that waits for a moment, with what is left of its time. */
export function armWait(draft: Draft, row: TaskRow): void {
  if (row.type !== 'WAIT') return;
  const delayMs = waitDelayMs(draft.data(`i:${row.key}`) ?? {}, row.scheduledAt);
  if (typeof delayMs !== 'number') return;
  draft.arm(timerOf('wait', row.key), row.scheduledAt + delayMs - draft.slice.at);
}

/** How long to wait: ms, null for "until somebody says so", or why that cannot be told. */
export function waitDelayMs(input: Json, at: number): number | null | string {
  if (!isJsonObject(input)) return 'WAIT takes an object';
  const duration = input['duration'] ?? null;
  const until = input['until'] ?? null;
  if (duration !== null && until !== null) return 'WAIT takes a duration or an until, not both';
  if (duration !== null) {
    const ms = typeof duration === 'string' ? parseWaitDuration(duration) : null;
    return ms ?? `WAIT cannot read the duration ${JSON.stringify(duration)}`;
  }
  if (until === null) return null;
  const moment = typeof until === 'string' ? parseWaitUntil(until) : null;
  if (moment === null) return `WAIT cannot read the moment ${JSON.stringify(until)}`;
  return Math.max(0, moment - at);
}
