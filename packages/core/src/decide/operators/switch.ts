import { taskKeyOf } from '../../run/ids.ts';
import { isJsonObject } from '../../run/json.ts';
import { arrive, continueAfter } from '../continue-after.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../scope.ts';
import { caseName, takenCase } from '../taken-case.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** SWITCH by value: takes the case of that name, else the default; a case without tasks runs nothing. */
export const switchOperator: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const parameters = isJsonObject(input.value) ? input.value : {};
    const name = node.task.expression ?? '';
    const value = caseName((Object.hasOwn(parameters, name) ? parameters[name] : null) ?? null);
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
