import type { PlanNode } from '../../plan/plan.ts';
import type { Json } from '../../run/json.ts';
import type { TaskStatus } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../draft.ts';
import { newRow } from '../new-row.ts';
import { settleTask } from '../settle-task.ts';

/** What a task that the decider itself runs has come to. */
export interface Outcome {
  readonly status: TaskStatus;
  readonly input: Json;
  readonly output: Json | null;
  readonly reason?: string;
}

/** Make the row of a task that is over as soon as it is reached, and go on; when this decision is full, the next one does. */
export function runSystemTask(draft: Draft, node: PlanNode, outcome: Outcome): void {
  const { status, input, output, reason = '' } = outcome;
  const row: TaskRow = { ...newRow(draft, node), status, reason };
  draft.putData(`i:${row.key}`, input);
  if (output !== null) draft.putData(`o:${row.key}`, output);
  draft.put(row, true);
  draft.record({ type: 'task.decided', key: row.key, attempt: 1, status, reason });
  if (!draft.isFull) settleTask(draft, row);
}

/** The task's parameters cannot be rendered, or make no sense: it fails for good. */
export function failSystemTask(draft: Draft, node: PlanNode, reason: string): void {
  runSystemTask(draft, node, {
    status: 'FAILED_WITH_TERMINAL_ERROR',
    input: {},
    output: null,
    reason,
  });
}
