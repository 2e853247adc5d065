import type { StrayChild } from '../../run/slice.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { timerOf } from '../../run/timer.ts';
import type { Draft } from '../slices/draft.ts';
import { operatorOf } from '../operator-table.ts';
import { requestedRunOf } from './request-run.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/*
 * Part of the full evaluation: a task that another run carries out must be going to hear of that run.
 */

/** See that the run of an open attempt exists, or that its end has been heard of. */
export function watchChild(draft: Draft, row: TaskRow): Steps {
  const { attempts } = operatorOf(row.type);
  if (requestedRunOf(row) === null) {
    if (draft.slice.whole?.timers.has(timerOf('delay', row.key)) !== false) return NO_STEPS;
    draft.repair('lost-timer', row.key);
    attempts?.handOver(draft, row, false);
    return NO_STEPS;
  }
  const stray = draft.slice.strays?.get(row.key);
  if (stray === undefined) return NO_STEPS;
  draft.repair('parent-not-notified', row.key);
  if (stray.type === 'ended') return hear(draft, row, stray);
  attempts?.handOver(draft, row, false);
  return NO_STEPS;
}

function hear(
  draft: Draft,
  row: TaskRow,
  { status, reason, output }: Extract<StrayChild, { type: 'ended' }>,
): Steps {
  const { key, attempt } = row;
  draft.put({ ...row, status, reason });
  draft.putData(`o:${key}`, output);
  draft.record({ type: 'task.decided', key, attempt, status, reason });
  return [{ type: 'settle', key }];
}
