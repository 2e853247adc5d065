import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { arrive, continueAfter } from '../continue-after.ts';
import type { Draft } from '../draft.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../scope.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** SWITCH by value: takes the case of that name, else the default; a case without tasks runs nothing. */
export const switchOperator: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.task.inputParameters);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const parameters = isJsonObject(input.value) ? input.value : {};
    const value = caseName(parameters[node.task.expression ?? ''] ?? null);
    return runSystemTask(draft, node, {
      status: 'COMPLETED',
      input: { ...parameters, case: value, hasChildren: 'true' },
      output: { evaluationResult: [value], selectedCase: value },
    });
  },

  goOn(draft, node, row) {
    const first = firstOfCase(draft, node, row);
    if (first === null) return continueAfter(draft, node, row);
    const settled = { ...row, isSettled: true };
    draft.put(settled);
    return [{ type: 'enter', ref: first }, ...arrive(draft, settled)];
  },
};

/** First task of the case that was taken; null when it has none. */
export function firstOfCase(draft: Draft, node: PlanNode, row: TaskRow): string | null {
  const taken = node.cases.get(selectedCase(draft, row));
  return taken === undefined ? node.defaultCase : taken;
}

/** The value by which a switch has chosen. */
export function selectedCase(draft: Draft, row: TaskRow): string {
  const output = draft.data(`o:${row.key}`) ?? {};
  return caseName(isJsonObject(output) ? (output['selectedCase'] ?? null) : null);
}

function caseName(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
