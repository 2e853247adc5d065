import { canBeLimited } from '../../definition/operator-types.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { typeInDomain } from '../../run/domains.ts';
import { type TaskRow, workerTypeOf } from '../../run/task-row.ts';
import { timerOf } from '../../run/timer.ts';
import { inputProblem } from './check-schema.ts';
import type { Draft } from '../slices/draft.ts';
import { newRow } from './new-row.ts';
import type { AttemptInput, Attempts, Operator } from '../operator.ts';
import { taskLimits } from './task-limits.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/** An operator whose tasks are carried out in attempts. */
export function attempted(attempts: Attempts): Operator {
  return {
    attempts,
    enter(draft, node) {
      const delayMs = node.task.startDelay * 1000;
      return scheduleAttempt(draft, node, { attempts, row: null, delayMs });
    },
  };
}

/** Schedule the first attempt (`row` null), or the one after `row`. The input is computed anew for each. */
export function scheduleAttempt(
  draft: Draft,
  node: PlanNode,
  {
    attempts,
    row: earlier,
    delayMs,
  }: { readonly attempts: Attempts; readonly row: TaskRow | null; readonly delayMs: number },
): Steps {
  const isGiven = earlier?.hasGivenInput === true;
  const input: AttemptInput = isGiven
    ? { ok: true, value: draft.data(`i:${earlier.key}`) ?? {} }
    : attempts.input(draft, node);
  const named = input.ok && input.name !== undefined ? { type: input.name, name: input.name } : {};
  const limits = input.ok ? taskLimits(draft, node, input.name ?? node.task.name) : null;
  const row = {
    ...(earlier === null ? newRow(draft, node) : nextAttempt(draft, earlier)),
    ...named,
    ...(limits?.ok === true && { limits: limits.value }),
    ...queueIn(draft, node, input),
  };
  const { key, attempt } = row;
  const problem = input.ok
    ? (reasonOf(limits) ?? inputProblem(draft, node, row, input.value))
    : input.reason;
  if (!input.ok || problem !== null) {
    if (input.ok) draft.putData(`i:${key}`, input.value);
    const reason = problem ?? '';
    const failed = { status: 'FAILED_WITH_TERMINAL_ERROR', reason } as const;
    draft.put({ ...row, ...failed }, true);
    draft.record({ type: 'task.decided', key, attempt, ...failed });
    return [{ type: 'settle', key }];
  }
  draft.putData(`i:${key}`, input.value);
  draft.put(row, true);
  draft.record({ type: 'task.scheduled', key, attempt, taskType: workerTypeOf(row), delayMs });
  const totalMs = node.taskDef.totalTimeoutSeconds * 1000;
  if (earlier === null && totalMs > 0) draft.arm(timerOf('total', key), totalMs);
  if (delayMs > 0) draft.arm(timerOf('delay', key), delayMs);
  else attempts.handOver(draft, row, true);
  return NO_STEPS;
}

/** The queue of the domain that the run has for tasks of this type. */
function queueIn({ run }: Draft, { type, task }: PlanNode, input: AttemptInput): Partial<TaskRow> {
  const { domains } = run;
  if (domains === undefined || !input.ok || !canBeLimited(type)) return {};
  const taskType = input.name ?? (type === 'SIMPLE' ? task.name : type);
  const queue = typeInDomain(domains, taskType);
  return queue === taskType ? {} : { queue };
}

function reasonOf(limits: ReturnType<typeof taskLimits> | null): string | null {
  return limits?.ok === false ? limits.reason : null;
}

function nextAttempt(draft: Draft, row: TaskRow): TaskRow {
  return {
    ...row,
    seq: draft.nextSeq(),
    status: 'SCHEDULED',
    attempt: row.attempt + 1,
    deliveries: 0,
    maxDeliveries: draft.maxDeliveries,
    token: '',
    worker: '',
    reason: '',
    isSettled: false,
    startedAt: 0,
    endedAt: 0,
  };
}
