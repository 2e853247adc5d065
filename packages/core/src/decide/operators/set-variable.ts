import { isJsonObject } from '../../run/json.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../scope.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** All variables of a run together, in bytes of JSON (Conductor 3.30: `maxWorkflowVariablesPayloadSizeThreshold`). */
export const VARIABLES_LIMIT_BYTES = 256 * 1024;

/** SET_VARIABLE: merges its input into the run's variables; too much of it fails the task and changes nothing. */
export const setVariable: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const before = draft.data('run:variables') ?? {};
    const variables = {
      ...(isJsonObject(before) ? before : {}),
      ...(isJsonObject(input.value) ? input.value : {}),
    };
    const bytes = new TextEncoder().encode(JSON.stringify(variables)).length;
    if (bytes > VARIABLES_LIMIT_BYTES) {
      const limit = `at most ${VARIABLES_LIMIT_BYTES} are kept`;
      return failSystemTask(
        draft,
        node,
        `JN_PAYLOAD_TOO_LARGE: variables of ${bytes} bytes, ${limit}`,
      );
    }
    draft.putData('run:variables', variables);
    return runSystemTask(draft, node, { status: 'COMPLETED', input: input.value, output: {} });
  },
};
