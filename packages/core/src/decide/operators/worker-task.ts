import type { Rendered } from '../../expressions/evaluate.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { timerOf } from '../../run/timer.ts';
import type { Draft } from '../draft.ts';
import { newRow } from '../new-row.ts';
import type { Operator } from '../operator.ts';
import { renderWith } from '../scope.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/** A task that workers run: SIMPLE, and every type that is not an operator. */
export const workerTask: Operator = {
  enter(draft, node) {
    return scheduleAttempt(draft, node, { row: null, delayMs: node.task.startDelay * 1000 });
  },
};

/** Schedule the first attempt (`row` null), or the one after `row`. The input is computed anew for each. */
export function scheduleAttempt(
  draft: Draft,
  node: PlanNode,
  { row: earlier, delayMs }: { row: TaskRow | null; delayMs: number },
): Steps {
  const input = renderInput(draft, node);
  const row = earlier === null ? newRow(draft, node) : nextAttempt(draft, earlier);
  const { key, attempt } = row;
  if (!input.ok) {
    const failed = { status: 'FAILED_WITH_TERMINAL_ERROR', reason: input.error.message } as const;
    draft.put({ ...row, ...failed }, true);
    draft.record({ type: 'task.decided', key, attempt, ...failed });
    return [{ type: 'settle', key }];
  }
  draft.putData(`i:${key}`, input.value);
  draft.put(row, true);
  draft.record({ type: 'task.scheduled', key, attempt, taskType: row.name, delayMs });
  const totalMs = node.taskDef.totalTimeoutSeconds * 1000;
  if (earlier === null && totalMs > 0) draft.arm(timerOf('total', key), totalMs);
  if (delayMs > 0) draft.arm(timerOf('delay', key), delayMs);
  else dispatch(draft, row, true);
  return NO_STEPS;
}

/** Hand the attempt to the queues under the next dispatch number. */
export function dispatch(draft: Draft, row: TaskRow, isFresh = false): void {
  const next = { ...row, dispatch: row.dispatch + 1 };
  draft.put(next, isFresh);
  if (row.pollTimeoutMs > 0) draft.arm(timerOf('poll', row.key), row.pollTimeoutMs);
  draft.send({
    type: 'dispatch',
    key: row.key,
    ref: row.ref,
    taskType: row.name,
    attempt: row.attempt,
    dispatch: next.dispatch,
    priority: row.priority,
  });
  draft.record({
    type: 'task.dispatched',
    key: row.key,
    attempt: row.attempt,
    dispatch: next.dispatch,
  });
}

function nextAttempt(draft: Draft, row: TaskRow): TaskRow {
  return {
    ...row,
    seq: draft.nextSeq(),
    status: 'SCHEDULED',
    attempt: row.attempt + 1,
    deliveries: 0,
    token: '',
    worker: '',
    reason: '',
    isSettled: false,
    startedAt: 0,
    endedAt: 0,
  };
}

/**
 * The task's parameters, with the task definition's input template for what is absent or null. A branch made at run
 * time brings its input, and perhaps a template, as data: they are never read as templates again.
 */
function renderInput(draft: Draft, node: PlanNode): Rendered {
  const isData = node.origin !== null;
  const own = isData ? literal(node.task.inputParameters) : renderWith(draft, node.inputParameters);
  if (!own.ok || !isJsonObject(own.value)) return own;
  const input = own.value;
  const lacking = Object.entries(node.taskDef.inputTemplate).filter(([name]) =>
    isNull(input, name),
  );
  if (lacking.length === 0) return own;
  const template = Object.fromEntries(lacking);
  const isDataToo = isData && node.task.taskDefinition !== undefined;
  const filled = isDataToo ? literal(template) : renderWith(draft, template);
  if (!filled.ok || !isJsonObject(filled.value)) return filled;
  return literal({ ...input, ...filled.value });
}

function isNull(input: JsonObject, name: string): boolean {
  return !Object.hasOwn(input, name) || input[name] === null;
}

function literal(value: Json): Rendered {
  return { ok: true, value };
}
