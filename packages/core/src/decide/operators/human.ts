import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { failSystemTask } from './system-task.ts';
import { putWaiting } from './wait.ts';

/** HUMAN, YIELD: in progress until somebody outside completes or fails it. Holds no worker, and no timer ends it. */
export const human: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    return putWaiting(draft, node, { input: input.value, delayMs: null });
  },
};
