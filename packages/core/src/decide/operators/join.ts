import { newRow } from '../attempts/new-row.ts';
import type { Operator } from '../operator.ts';

/** JOIN, EXCLUSIVE_JOIN: waits for the tasks that it names. Arrivals are counted by the store; the verdict comes from their states. */
export const join: Operator = {
  enter(draft, node) {
    const row = { ...newRow(draft, node), status: 'IN_PROGRESS' } as const;
    draft.put(row, true);
    draft.record({
      type: 'task.scheduled',
      key: row.key,
      attempt: row.attempt,
      taskType: row.type,
      delayMs: 0,
    });
    return [{ type: 'judge', join: row.key }];
  },
};
