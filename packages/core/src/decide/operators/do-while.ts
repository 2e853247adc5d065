import { taskKeyOf, type TaskKey } from '../../run/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import { isTerminalTask, type TaskStatus } from '../../run/status.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { isLoopOver } from '../loops/loop-condition.ts';
import { newRow } from '../attempts/new-row.ts';
import { nodeOf } from '../slices/node-of.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';
import { NO_STEPS, type Steps } from '../step.ts';
import { failSystemTask } from './system-task.ts';

/** Nobody repeats more on purpose; a condition that always holds must end too. */
const MAX_ITERATIONS = 100_000;

/**
 * DO_WHILE: repeats its body. Its row is in progress meanwhile, and its cursor is the number of the iteration; the
 * tasks of the body have keys of their own in each. An iteration is over when the body has come to its end; branches
 * that no JOIN waits for may still be running then, as they may at the end of any fork.
 */
export const doWhile: Operator = {
  enter(draft, node) {
    const input = loopInput(draft, node);
    if (typeof input === 'string') return failSystemTask(draft, node, input);
    const row = { ...newRow(draft, node), status: 'IN_PROGRESS' } as const;
    const { key, type: taskType } = row;
    draft.putData(`i:${key}`, input);
    draft.put(row, true);
    draft.record({ type: 'task.scheduled', key, attempt: row.attempt, taskType, delayMs: 0 });
    const items = input['_items'];
    const isEmpty = Array.isArray(items) && items.length === 0;
    return isEmpty ? endLoop(draft, row, 'COMPLETED') : nextIteration(draft, node, row);
  },
};

/** An iteration has come to its end: begin the next one, or end the loop. Asked again, it does nothing. */
export function iterate(draft: Draft, key: TaskKey, iteration: number): Steps {
  const row = draft.row(key);
  if (row === null || isTerminalTask(row.status) || row.cursor !== iteration) return NO_STEPS;
  const node = nodeOf(draft, row);
  const isOver = isLoopOver(draft, node, row);
  if (typeof isOver === 'string') return endLoop(draft, row, 'FAILED_WITH_TERMINAL_ERROR', isOver);
  if (isOver) return endLoop(draft, row, 'COMPLETED');
  if (iteration < MAX_ITERATIONS) return nextIteration(draft, node, row);
  const reason = `the loop goes on after ${MAX_ITERATIONS} iterations`;
  return endLoop(draft, row, 'FAILED_WITH_TERMINAL_ERROR', reason);
}

function nextIteration(draft: Draft, { body, iterations }: PlanNode, row: TaskRow): Steps {
  const cursor = row.cursor + 1;
  draft.put({ ...row, cursor });
  return body === null
    ? [{ type: 'iterate', loop: row.key, iteration: cursor }]
    : [{ type: 'enter', key: taskKeyOf(body, [...iterations, cursor]) }];
}

function endLoop(draft: Draft, row: TaskRow, status: TaskStatus, reason = ''): Steps {
  const { key, attempt } = row;
  draft.put({ ...row, status, reason });
  draft.record({ type: 'task.decided', key, attempt, status, reason });
  return [{ type: 'settle', key }];
}

/** The loop's parameters, with the list that it goes through as `_items`; or why there are none. */
function loopInput(draft: Draft, node: PlanNode): JsonObject | string {
  const rendered = renderWith(draft, node.inputParameters, node);
  if (!rendered.ok) return rendered.error.message;
  const input = isJsonObject(rendered.value) ? rendered.value : {};
  const keepLastN = input['keepLastN'] ?? null;
  if (keepLastN !== null && !(Number.isInteger(keepLastN) && Number(keepLastN) >= 1)) {
    return `keepLastN must be a whole number from 1, not ${JSON.stringify(keepLastN)}`;
  }
  const template = node.task.items ?? '';
  if (template === '') return checkedItems(input, Object.hasOwn(input, '_items'));
  const items = renderWith(draft, template, node);
  return items.ok ? checkedItems({ ...input, _items: items.value }, true) : items.error.message;
}

function checkedItems(input: JsonObject, hasItems: boolean): JsonObject | string {
  const items: Json = input['_items'] ?? null;
  if (!hasItems || Array.isArray(items)) return input;
  return `items must be a list, not ${typeof items === 'object' ? 'an object or null' : typeof items}`;
}
