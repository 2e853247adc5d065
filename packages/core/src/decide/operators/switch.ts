import type { PlanNode } from '../../plan/plan.ts';
import type { EvaluationResult } from '../../run/evaluation.ts';
import { taskKeyOf } from '../../run/ids.ts';
import { isJsonObject, type JsonObject } from '../../run/json.ts';
import { arrive, continueAfter } from '../continue-after.ts';
import type { Draft } from '../slices/draft.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { caseName, takenCase } from '../slices/taken-case.ts';
import { evaluate, isJavascript } from './script-task.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** SWITCH by value or by script: takes the case of that name, else the default; a case without tasks runs nothing. */
export const switchOperator: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const parameters = isJsonObject(input.value) ? input.value : {};
    const chosen = choose(draft, node, parameters);
    if (!chosen.ok) {
      const { reason } = chosen;
      return runSystemTask(draft, node, {
        status: 'FAILED',
        input: parameters,
        output: null,
        reason,
      });
    }
    const value = caseName(chosen.value);
    return runSystemTask(draft, node, {
      status: 'COMPLETED',
      input: { ...parameters, case: value, hasChildren: 'true' },
      output: { evaluationResult: [value], selectedCase: value },
    });
  },

  goOn(draft, node, row) {
    const first = takenCase(draft, node, row)?.first ?? null;
    if (first === null) return continueAfter(draft, node, row);
    const settled = { ...row, isSettled: true };
    draft.put(settled);
    return [{ type: 'enter', key: taskKeyOf(first, node.iterations) }, ...arrive(draft, settled)];
  },
};

function choose(draft: Draft, node: PlanNode, parameters: JsonObject): EvaluationResult {
  const { evaluatorType = '', expression = '' } = node.task;
  if (isJavascript(evaluatorType)) return evaluate(draft, node, { script: expression, parameters });
  const value = Object.hasOwn(parameters, expression) ? parameters[expression] : null;
  return { ok: true, value: value ?? null };
}
