import { parseWaitDuration, parseWaitUntil } from '../../definition/wait-duration.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
import { timerOf } from '../../run/timer.ts';
import { newRow } from '../new-row.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../scope.ts';
import { settleTask } from '../settle-task.ts';
import { failSystemTask } from './system-task.ts';

/** WAIT: for a duration, until a moment, or until somebody completes it. Holds no worker. */
export const wait: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.task.inputParameters);
    const delay = input.ok ? waitDelayMs(input.value, draft.slice.at) : input.error.message;
    if (!input.ok || typeof delay === 'string') {
      failSystemTask(draft, node, String(delay));
      return;
    }
    const row = { ...newRow(draft, node), status: 'IN_PROGRESS' } as const;
    draft.put(row, true);
    draft.putData(`i:${row.key}`, input.value);
    draft.record({
      type: 'task.scheduled',
      key: row.key,
      attempt: 1,
      taskType: row.type,
      delayMs: delay ?? 0,
    });
    if (delay !== null) draft.arm(timerOf('wait', row.key), delay);
  },

  onWait(draft, _node, row) {
    const done = { ...row, status: 'COMPLETED' } as const;
    draft.put(done);
    draft.record({
      type: 'task.decided',
      key: row.key,
      attempt: row.attempt,
      status: 'COMPLETED',
      reason: '',
    });
    settleTask(draft, done);
  },
};

/** How long to wait: ms, null for "until somebody says so", or why that cannot be told. */
export function waitDelayMs(input: Json, at: number): number | null | string {
  if (!isJsonObject(input)) return 'WAIT takes an object';
  const duration = input['duration'] ?? null;
  const until = input['until'] ?? null;
  if (duration !== null && until !== null)
    return 'WAIT takes a duration or a moment (until), not both';
  if (duration !== null) {
    return (
      parseWaitDuration(String(duration)) ?? `WAIT cannot read the duration '${String(duration)}'`
    );
  }
  if (until === null) return null;
  const moment = parseWaitUntil(String(until));
  return moment === null
    ? `WAIT cannot read the moment '${String(until)}'`
    : Math.max(0, moment - at);
}
