import type { TaskKey } from '../../run/ids.ts';
import { isJsonObject } from '../../run/json.ts';
import { attemptInput } from '../attempts/attempt-input.ts';
import type { Draft } from '../slices/draft.ts';
import { requestRun } from '../runs/request-run.ts';
import { attempted } from '../attempts/schedule-attempt.ts';

/**
 * START_WORKFLOW: starts a run and waits for nothing but its existence. Its run's id follows from the attempt, so that a
 * start that is repeated after a crash finds the first one; with an idempotency key it may find another's run.
 */
export const startWorkflow = attempted({
  input(draft, node) {
    const input = attemptInput(draft, node);
    if (!input.ok) return input;
    const request = isJsonObject(input.value) ? input.value['startWorkflow'] : null;
    if (isJsonObject(request)) return input;
    return { ok: false, reason: 'startWorkflow must be a request to start a run' };
  },

  handOver(draft, row, isFresh) {
    requestRun(draft, row, { type: 'start-run', meetsAt: meetingPoint(draft, row.key), isFresh });
  },
});

/** Starts with one idempotency key must meet in one partition, whoever makes them. */
function meetingPoint(draft: Draft, key: TaskKey): string | null {
  const input = draft.data(`i:${key}`);
  const request = isJsonObject(input) ? input['startWorkflow'] : null;
  if (!isJsonObject(request)) return null;
  const { idempotencyKey, name } = request;
  const hasKey = typeof idempotencyKey === 'string' && idempotencyKey !== '';
  return hasKey && typeof name === 'string' ? `${name}\0${idempotencyKey}` : null;
}
