import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/** Failed compensations that the reason of the run names. */
const NAMED = 10;

/** One compensation is over. One that has `failed` for good is noted, and the others go on. */
export function afterCompensation(draft: Draft, failed: TaskRow | null): Steps {
  const { compensating } = draft.run;
  if (compensating === null) return NO_STEPS;
  if (failed !== null) {
    draft.record({ type: 'compensation.failed', task: failed.key, reason: failed.reason });
  }
  const names = failed === null ? [] : [failed.key];
  draft.patchRun({
    compensating: {
      ...compensating,
      next: compensating.next + 1,
      failed: [...compensating.failed, ...names].slice(0, NAMED),
    },
  });
  return [{ type: 'compensate' }];
}
