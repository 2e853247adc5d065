import type { PlanNode } from '../../plan/plan.ts';
import { type ErrorClasses, errorClassesOf, isRetriedClass } from '../../plan/error-class.ts';
import { retryDelayMs, retryPolicyOf } from '../../plan/retry-policy.ts';
import { isSuccessfulTask, type EndStatus, type TaskStatus } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { closeRun } from '../ends/close-run.ts';
import { outputProblem } from './check-schema.ts';
import { afterCompensation } from '../ends/after-compensation.ts';
import { continueAfter } from '../continue-after.ts';
import type { Draft } from '../slices/draft.ts';
import { timeOutTotal } from './fire-timer.ts';
import { nodeOf } from '../slices/node-of.ts';
import { operatorOf } from '../operator-table.ts';
import { retryGroup } from './retry-group.ts';
import { retryWish } from './retry-wish.ts';
import { scheduleAttempt } from './schedule-attempt.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/** Act on a terminal row that nobody has acted upon: go on, retry, or end the run. */
export function settleTask(draft: Draft, row: TaskRow): Steps {
  const node = nodeOf(draft, row);
  if (!isSuccessfulTask(row.status)) return settleFailure(draft, node, row);
  if (row.status === 'SKIPPED') return continueAfter(draft, node, row);
  const operator = operatorOf(node.type);
  const problem = operator.attempts === undefined ? null : outputProblem(draft, node, row);
  if (problem !== null) return refuseOutput(draft, node, { ...row, reason: problem });
  return operator.goOn?.(draft, node, row) ?? continueAfter(draft, node, row);
}

/** A result that its schema refuses is none: the attempt has failed, for good. */
function refuseOutput(draft: Draft, node: PlanNode, row: TaskRow): Steps {
  const status = 'FAILED_WITH_TERMINAL_ERROR';
  const { key, attempt, reason } = row;
  draft.record({ type: 'task.decided', key, attempt, status, reason });
  return settleFailure(draft, node, { ...row, status });
}

function settleFailure(draft: Draft, node: PlanNode, row: TaskRow): Steps {
  const policy = retryPolicyOf(node.task, node.taskDef);
  const { attempts } = operatorOf(node.type);
  const isLeft = isRetriable(row.status) && triesOf(row) <= policy.retryCount;
  if (attempts && isLeft && isRetriedClass(node.taskDef, classesOf(draft, node, row))) {
    if (draft.slice.due.includes(`total:${row.key}`)) return endTotal(draft, node, row);
    draft.keepAttempt(row.key, row.attempt);
    const { seq } = row;
    const wishMs = retryWish(draft, row);
    const delayMs = retryDelayMs(policy, { attempt: triesOf(row), seed: draft.seed ^ seq, wishMs });
    return scheduleAttempt(draft, node, { attempts, row, delayMs });
  }
  if (row.isOptional) {
    return continueAfter(draft, node, { ...row, status: 'COMPLETED_WITH_ERRORS' });
  }
  if (row.isPermissive) {
    draft.patchRun({ failedPermissive: [...draft.run.failedPermissive, row.key] });
    return continueAfter(draft, node, row);
  }
  if (isRetriable(row.status) && retryGroup(draft, node, row)) return NO_STEPS;
  draft.put({ ...row, isSettled: true });
  draft.clear(`total:${row.key}`);
  if (node.frame.kind === 'compensation') return afterCompensation(draft, row);
  const status = endStatusOf(row.status);
  const reason = `Task ${row.key} failed with status: ${status} and reason: '${row.reason}'`;
  closeRun(draft, status, reason, { task: row.key });
  return NO_STEPS;
}

/** All attempts together took too long. That ends the run, but not one that is about to end: others are to be taken back. */
function endTotal(draft: Draft, node: PlanNode, row: TaskRow): Steps {
  if (node.frame.kind !== 'compensation') {
    timeOutTotal(draft, row, node.taskDef);
    return NO_STEPS;
  }
  draft.put({ ...row, isSettled: true });
  draft.clear(`total:${row.key}`);
  return afterCompensation(draft, row);
}

/** What a failure is called is only read where somebody asks for it. */
function classesOf(draft: Draft, { taskDef }: PlanNode, row: TaskRow): ErrorClasses {
  if (taskDef.retryOn === undefined && taskDef.abortOn === undefined) return [];
  return errorClassesOf(row, draft.data(`o:${row.key}`));
}

/** Attempts since the task was last begun anew. */
function triesOf({ attempt, attemptsBefore = 0 }: TaskRow): number {
  return attempt - attemptsBefore;
}

function isRetriable(status: TaskStatus): boolean {
  return status === 'FAILED' || status === 'TIMED_OUT';
}

function endStatusOf(status: TaskStatus): EndStatus {
  if (status === 'CANCELED') return 'TERMINATED';
  return status === 'TIMED_OUT' ? 'TIMED_OUT' : 'FAILED';
}
