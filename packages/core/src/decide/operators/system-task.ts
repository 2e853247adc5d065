import type { PlanNode } from '../../plan/plan.ts';
import type { Json } from '../../run/json.ts';
import type { TaskStatus } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { newRow } from '../attempts/new-row.ts';
import type { Steps } from '../step.ts';

/** What a task that the decider itself runs has come to. */
export interface Outcome {
  readonly status: TaskStatus;
  readonly input: Json;
  readonly output: Json | null;
  readonly reason?: string;
}

/** Make the row of a task that is over as soon as it is reached. */
export function runSystemTask(draft: Draft, node: PlanNode, outcome: Outcome): Steps {
  const { status, input, output, reason = '' } = outcome;
  const row: TaskRow = { ...newRow(draft, node), status, reason };
  draft.putData(`i:${row.key}`, input);
  if (output !== null) draft.putData(`o:${row.key}`, output);
  draft.put(row, true);
  draft.record({ type: 'task.decided', key: row.key, attempt: row.attempt, status, reason });
  return [{ type: 'settle', key: row.key }];
}

/** The task's parameters cannot be rendered, or make no sense: it fails for good. */
export function failSystemTask(draft: Draft, node: PlanNode, reason: string): Steps {
  return runSystemTask(draft, node, {
    status: 'FAILED_WITH_TERMINAL_ERROR',
    input: {},
    output: null,
    reason,
  });
}
