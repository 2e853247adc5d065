import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../draft.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../scope.ts';
import { arrive, enterTask, goOn } from '../settle-task.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** SWITCH by value: takes the case of that name, else the default; a case without tasks runs nothing. */
export const switchOperator: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.task.inputParameters);
    if (!input.ok || !isJsonObject(input.value)) {
      failSystemTask(draft, node, input.ok ? 'SWITCH takes an object' : input.error.message);
      return;
    }
    const value = asCase(input.value[node.task.expression ?? ''] ?? null);
    runSystemTask(draft, node, {
      status: 'COMPLETED',
      input: { ...input.value, case: value, hasChildren: 'true' },
      output: { evaluationResult: [value], selectedCase: value },
    });
  },

  goOn(draft, node, row) {
    const first = firstOf(draft, node, row);
    if (first === null) {
      goOn(draft, node, row);
      return;
    }
    draft.put({ ...row, isSettled: true });
    enterTask(draft, first);
    arrive(draft, row);
  },
};

/** First task of the case that was taken; null when it has none. */
export function firstOf(draft: Draft, node: PlanNode, row: TaskRow): string | null {
  const output = draft.data(`o:${row.key}`) ?? {};
  const selected = isJsonObject(output) ? asCase(output['selectedCase'] ?? null) : 'null';
  const taken = node.cases.get(selected);
  return taken === undefined ? node.defaultCase : taken;
}

function asCase(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
