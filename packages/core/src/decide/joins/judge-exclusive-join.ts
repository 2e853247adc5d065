import { nodeAt } from '../../plan/node-at.ts';
import { taskKeyOf, type TaskKey } from '../../run/ids.ts';
import type { Json } from '../../run/json.ts';
import { isSuccessfulTask, type TaskStatus } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { doneKeys } from './done-keys.ts';
import { NO_STEPS, type Steps } from '../step.ts';
import { outputOf } from '../attempts/task-output.ts';

/**
 * An EXCLUSIVE_JOIN waits for the first task of `joinOn` that was reached and not skipped, else of
 * `defaultExclusiveJoinTask`, and comes to what that has come to (Conductor 3.30). When switches have ruled all of them
 * out it completes with nothing; Conductor stands still.
 */
export function judgeExclusiveJoin(draft: Draft, row: TaskRow): Steps {
  const node = nodeAt(draft.plan, row.key);
  if (node === undefined) return NO_STEPS;
  const { joinOn, defaultExclusiveJoinTask } = node.task;
  const keys = [...new Set([...joinOn, ...defaultExclusiveJoinTask])].map((ref) =>
    taskKeyOf(ref, node.iterations),
  );
  const done = new Set<TaskKey>(doneKeys(draft, keys));
  for (const key of keys) {
    const task = draft.row(key);
    if (task === null || task.status === 'SKIPPED') continue;
    return done.has(key) ? fire(draft, row, task) : NO_STEPS;
  }
  return done.size < keys.length ? NO_STEPS : end(draft, row, { status: 'COMPLETED', output: {} });
}

function fire(draft: Draft, row: TaskRow, task: TaskRow): Steps {
  const output = outputOf(draft, task, null);
  if (isSuccessfulTask(task.status)) return end(draft, row, { status: 'COMPLETED', output });
  const status = task.status === 'CANCELED' ? 'CANCELED' : 'FAILED';
  return end(draft, row, { status, output, reason: task.reason });
}

function end(
  draft: Draft,
  row: TaskRow,
  {
    status,
    output,
    reason = '',
  }: { readonly status: TaskStatus; readonly output: Json; readonly reason?: string },
): Steps {
  const { key } = row;
  draft.putData(`o:${key}`, output);
  draft.put({ ...row, status, reason });
  draft.record({ type: 'join.fired', key, status, branches: 1 });
  return [{ type: 'settle', key }];
}
