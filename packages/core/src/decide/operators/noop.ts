import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** NOOP: completes at once. */
export const noop: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    return runSystemTask(draft, node, { status: 'COMPLETED', input: input.value, output: {} });
  },
};
