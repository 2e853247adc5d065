import { isOperatorType } from '../../definition/operator-types.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject } from '../../run/json.ts';
import { attemptInput } from '../attempts/attempt-input.ts';
import type { Draft } from '../slices/draft.ts';
import type { AttemptInput } from '../operator.ts';
import { attempted } from '../attempts/schedule-attempt.ts';
import { dispatch } from './worker-task.ts';

/** DYNAMIC: a worker task whose type its input names. Retries and time-outs are those of its own definition. */
export const dynamicTask = attempted({ input: namedInput, handOver: dispatch });

function namedInput(draft: Draft, node: PlanNode): AttemptInput {
  const input = attemptInput(draft, node);
  if (!input.ok) return input;
  const param = node.task.dynamicTaskNameParam ?? '';
  const members = isJsonObject(input.value) ? input.value : {};
  const name = Object.hasOwn(members, param) ? members[param] : null;
  if (typeof name !== 'string' || name === '') {
    return { ok: false, reason: `'${param}' must be the name of a task` };
  }
  if (isOperatorType(name)) return { ok: false, reason: `'${name}' is no worker's task` };
  return { ...input, name };
}
