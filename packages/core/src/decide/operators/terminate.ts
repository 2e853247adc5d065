import { isJsonObject } from '../../run/json.ts';
import type { EndStatus } from '../../run/status.ts';
import { taskIdOf, taskKeyOf } from '../../run/ids.ts';
import { closeRun } from '../close-run.ts';
import { newRow } from '../new-row.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../scope.ts';
import { failSystemTask } from './system-task.ts';

const ENDS: readonly string[] = ['COMPLETED', 'FAILED', 'TERMINATED'] satisfies EndStatus[];

/** TERMINATE: ends the run as told; every other open task is canceled. */
export const terminate: Operator = {
  enter(draft, node) {
    const rendered = renderWith(draft, node.task.inputParameters);
    const input = rendered.ok && isJsonObject(rendered.value) ? rendered.value : null;
    const status = input?.['terminationStatus'];
    if (!rendered.ok || input === null || typeof status !== 'string' || !ENDS.includes(status)) {
      const reason = rendered.ok
        ? `terminationStatus must be one of ${ENDS.join(', ')}`
        : rendered.error.message;
      failSystemTask(draft, node, reason);
      return;
    }
    const row = { ...newRow(draft, node), status: 'COMPLETED', isSettled: true } as const;
    const output = input['workflowOutput'] ?? {};
    draft.put(row, true);
    draft.putData(`i:${row.key}`, input);
    draft.putData(`o:${row.key}`, output);
    draft.putData('run:output', isJsonObject(output) ? output : { output });
    draft.record({
      type: 'task.decided',
      key: row.key,
      attempt: 1,
      status: 'COMPLETED',
      reason: '',
    });
    const taskId = taskIdOf(draft.run.id, taskKeyOf(node.ref));
    const told = input['terminationReason'];
    const reason =
      typeof told === 'string' && told !== ''
        ? told
        : `Workflow is ${status} by TERMINATE task: ${taskId}`;
    closeRun(draft, status as EndStatus, reason);
  },
};
