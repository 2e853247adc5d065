import { isJsonObject } from '../../run/json.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { caseName } from '../slices/taken-case.ts';
import { switchOperator } from './switch.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** DECISION, the older SWITCH: by the value of one parameter; a case without tasks is none, and the default is taken. */
export const decision: Operator = {
  ...switchOperator,
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const parameters = isJsonObject(input.value) ? input.value : {};
    const name = node.task.caseValueParam ?? '';
    const value = caseName((Object.hasOwn(parameters, name) ? parameters[name] : null) ?? null);
    return runSystemTask(draft, node, {
      status: 'COMPLETED',
      input: { ...parameters, case: value, hasChildren: 'true' },
      output: { caseOutput: [value] },
    });
  },
};
