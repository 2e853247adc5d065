import type { PlanNode } from '../../plan/plan.ts';
import { taskIdOf } from '../../run/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import type { EndStatus } from '../../run/status.ts';
import { closeRun } from '../ends/close-run.ts';
import type { Draft } from '../slices/draft.ts';
import { newRow } from '../attempts/new-row.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { NO_STEPS } from '../step.ts';
import { failSystemTask } from './system-task.ts';

const ENDS = ['COMPLETED', 'FAILED', 'TERMINATED'] as const satisfies readonly EndStatus[];

/** TERMINATE: ends the run as told; every other open task is canceled. */
export const terminate: Operator = {
  enter(draft, node) {
    const rendered = renderWith(draft, node.inputParameters, node);
    if (!rendered.ok) return failSystemTask(draft, node, rendered.error.message);
    const input = isJsonObject(rendered.value) ? rendered.value : {};
    const status = ENDS.find((end) => end === input['terminationStatus']);
    if (status === undefined) {
      return failSystemTask(draft, node, `terminationStatus must be one of ${ENDS.join(', ')}`);
    }
    putRow(draft, node, input);
    closeRun(draft, status, reasonOf(draft, node, input, status));
    return NO_STEPS;
  },
};

function putRow(draft: Draft, node: PlanNode, input: JsonObject): void {
  const row = { ...newRow(draft, node), status: 'COMPLETED', isSettled: true } as const;
  const output: Json = input['workflowOutput'] ?? {};
  draft.put(row, true);
  draft.putData(`i:${row.key}`, input);
  draft.putData(`o:${row.key}`, output);
  draft.putData('run:output', isJsonObject(output) ? output : { output });
  const { key, attempt, status } = row;
  draft.record({ type: 'task.decided', key, attempt, status, reason: '' });
}

function reasonOf(draft: Draft, node: PlanNode, input: JsonObject, status: EndStatus): string {
  const told = input['terminationReason'];
  if (typeof told === 'string' && told !== '') return told;
  const taskId = taskIdOf(draft.run.id, node.key);
  return `Workflow is ${status} by TERMINATE task: ${taskId}`;
}
