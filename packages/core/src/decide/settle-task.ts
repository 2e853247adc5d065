import { retryDelayMs, retryPolicyOf } from '../plan/retry-policy.ts';
import { continuationOf } from '../plan/continuation.ts';
import type { PlanNode } from '../plan/plan.ts';
import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import { isSuccessfulTask, type EndStatus, type TaskStatus } from '../run/status.ts';
import type { TaskRow } from '../run/task-row.ts';
import { closeRun } from './close-run.ts';
import type { Draft } from './draft.ts';
import { nodeOf } from './node-of.ts';
import { operatorOf } from './operator-table.ts';
import { judgeJoin } from './operators/join.ts';
import { scheduleAttempt } from './operators/worker-task.ts';

/** Act on a terminal row that nobody has acted upon: go on, retry, or end the run. Asking again changes nothing. */
export function settleTask(draft: Draft, row: TaskRow): void {
  const node = nodeOf(draft, row);
  if (isSuccessfulTask(row.status)) {
    const operator = operatorOf(node.type);
    if (operator.goOn === undefined) goOn(draft, node, row);
    else operator.goOn(draft, node, row);
  } else {
    settleFailure(draft, node, row);
  }
}

/** The task is done with: tell its joins, then enter what comes next. */
export function goOn(draft: Draft, node: PlanNode, row: TaskRow): void {
  draft.put({ ...row, isSettled: true });
  draft.clear(`total:${row.key}`);
  arrive(draft, row);
  follow(draft, node);
}

function follow(draft: Draft, node: PlanNode): void {
  const next = continuationOf(draft.plan, node);
  if (next.type === 'task') enterTask(draft, next.ref);
  else if (next.type === 'run-end') draft.patchRun({ isRootDone: true });
}

/** The flow reaches a task of the definition. */
export function enterTask(draft: Draft, ref: string): void {
  if (draft.run.closing !== null) return;
  const node = draft.plan.nodes.get(ref);
  if (node === undefined) throw new Error(`the plan has no task ${ref}`);
  if (draft.row(taskKeyOf(ref)) !== null) return;
  operatorOf(node.type).enter(draft, node);
}

/** Tell the joins that name the task; each fires when it was the last. */
export function arrive(draft: Draft, row: TaskRow): void {
  for (const join of Object.keys(row.joins)) {
    draft.arrive(join as TaskKey, row.key);
    judgeJoin(draft, join as TaskKey);
  }
}

function settleFailure(draft: Draft, node: PlanNode, row: TaskRow): void {
  const policy = retryPolicyOf(node.task, node.taskDef);
  if (isRetriable(row.status) && row.attempt <= policy.retryCount) {
    draft.keepAttempt(row.key, row.attempt);
    scheduleAttempt(draft, node, {
      row,
      delayMs: retryDelayMs(policy, row.attempt, draft.seed ^ row.seq),
    });
    return;
  }
  if (row.isOptional) {
    goOn(draft, node, { ...row, status: 'COMPLETED_WITH_ERRORS' });
  } else if (row.isPermissive) {
    draft.patchRun({ failedPermissive: [...draft.run.failedPermissive, row.key] });
    goOn(draft, node, row);
  } else {
    draft.put({ ...row, isSettled: true });
    const status = endStatusOf(row.status);
    closeRun(
      draft,
      status,
      `Task ${row.key} failed with status: ${status} and reason: '${row.reason}'`,
    );
  }
}

function isRetriable(status: TaskStatus): boolean {
  return status === 'FAILED' || status === 'TIMED_OUT';
}

function endStatusOf(status: TaskStatus): EndStatus {
  if (status === 'CANCELED') return 'TERMINATED';
  return status === 'TIMED_OUT' ? 'TIMED_OUT' : 'FAILED';
}
