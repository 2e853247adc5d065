import type { Rendered } from '../../expressions/evaluate.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
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
  draft.putData(`i:${key}`, withDefaults(node, input.value));
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

/** A branch made at run time brings its input along: it is never read as a template again. */
function renderInput(draft: Draft, node: PlanNode): Rendered {
  if (node.origin !== null) return { ok: true, value: node.task.inputParameters };
  return renderWith(draft, node.task.inputParameters);
}

/** The task definition's input template fills what is absent or null. */
function withDefaults(node: PlanNode, input: Json): Json {
  const { inputTemplate } = node.taskDef;
  if (!isJsonObject(input)) return input;
  const filled = Object.entries(inputTemplate).filter(([name]) => (input[name] ?? null) === null);
  return { ...input, ...Object.fromEntries(filled) };
}
