import { mergeVariables, VARIABLES_LIMIT_BYTES } from '../slices/merge-variables.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** SET_VARIABLE: merges its input into the run's variables; too much of it fails the task and changes nothing. */
export const setVariable: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const bytes = mergeVariables(draft, input.value);
    if (bytes !== null) {
      const limit = `at most ${VARIABLES_LIMIT_BYTES} are kept`;
      const reason = `JN_PAYLOAD_TOO_LARGE: variables of ${bytes} bytes, ${limit}`;
      return failSystemTask(draft, node, reason);
    }
    return runSystemTask(draft, node, { status: 'COMPLETED', input: input.value, output: {} });
  },
};
