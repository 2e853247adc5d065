import type { PlanNode } from '../../plan/plan.ts';
import type { EvaluationResult } from '../../run/evaluation.ts';
import { isJsonObject, type JsonObject } from '../../run/json.ts';
import type { Operator } from '../operator.ts';
import type { Draft } from '../slices/draft.ts';
import { renderWith } from '../slices/scope.ts';
import { caseName } from '../slices/taken-case.ts';
import { evaluate } from './script-task.ts';
import { switchOperator } from './switch.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/**
 * DECISION, the older SWITCH: by a script, or by the value of one parameter; a case without tasks is none, and the
 * default is taken.
 */
export const decision: Operator = {
  ...switchOperator,
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const parameters = isJsonObject(input.value) ? input.value : {};
    const chosen = choose(draft, node, parameters);
    if (!chosen.ok) {
      const { reason } = chosen;
      const failed = { status: 'FAILED', input: parameters, output: null, reason } as const;
      return runSystemTask(draft, node, failed);
    }
    const value = caseName(chosen.value);
    return runSystemTask(draft, node, {
      status: 'COMPLETED',
      input: { ...parameters, case: value, hasChildren: 'true' },
      output: { caseOutput: [value] },
    });
  },
};

/** A script goes before a parameter (Conductor 3.30). */
function choose(draft: Draft, node: PlanNode, parameters: JsonObject): EvaluationResult {
  const { caseExpression: script = '', caseValueParam: name = '' } = node.task;
  if (script.trim() !== '') return evaluate(draft, node, { script, parameters });
  const value = Object.hasOwn(parameters, name) ? parameters[name] : null;
  return { ok: true, value: value ?? null };
}
