import { type TaskRow, workerTypeOf } from '../../run/task-row.ts';
import { timerOf } from '../../run/timer.ts';
import { attemptInput } from '../attempts/attempt-input.ts';
import type { Draft } from '../slices/draft.ts';
import { attempted } from '../attempts/schedule-attempt.ts';

/** A task that workers run: SIMPLE, and every type that is not an operator. */
export const workerTask = attempted({ input: attemptInput, handOver: dispatch });

/** Hand the attempt to the queues under the next dispatch number. */
export function dispatch(draft: Draft, row: TaskRow, isFresh = false): void {
  const next = { ...row, dispatch: row.dispatch + 1 };
  draft.put(next, isFresh);
  if (row.pollTimeoutMs > 0) draft.arm(timerOf('poll', row.key), row.pollTimeoutMs);
  draft.send({
    type: 'dispatch',
    key: row.key,
    ref: row.ref,
    taskType: workerTypeOf(row),
    attempt: row.attempt,
    dispatch: next.dispatch,
    priority: row.priority,
    ...(row.limits !== undefined && { limits: row.limits }),
  });
  draft.record({
    type: 'task.dispatched',
    key: row.key,
    attempt: row.attempt,
    dispatch: next.dispatch,
  });
}
