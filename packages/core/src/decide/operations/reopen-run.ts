import type {
  ReopenOperation,
  RerunOperation,
  RestartOperation,
  RetryOperation,
} from '../../run/operation.ts';
import { isSuccessfulTask, isTerminalRun } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { refuse, type Refusal } from './refusal.ts';
import { beginReset, takeBack } from './reset-run.ts';

/**
 * Open a run again that has ended; every row of it is at hand. Retry, rerun and restart differ in where the reset
 * begins, and in what of the run's own data is set anew.
 */
export function reopenRun(draft: Draft, operation: ReopenOperation): Refusal | null {
  const { run } = draft;
  if (!isTerminalRun(run.status) || run.closing !== null) {
    return refuse('JN_RUN_NOT_ENDED', `run ${run.id} is ${run.status}`);
  }
  draft.requireWhole();
  if (operation.type !== 'restart' && rowsOf(draft).some((row) => isCompensation(draft, row))) {
    return refuse('JN_RUN_COMPENSATED', `what run ${run.id} had done was taken back`);
  }
  switch (operation.type) {
    case 'retry':
      return retry(draft, operation);
    case 'restart':
      return restart(draft, operation);
    case 'rerun':
      return rerun(draft, operation);
  }
}

function retry(draft: Draft, operation: RetryOperation): Refusal | null {
  const { run } = draft;
  const rows = rowsOf(draft);
  const isUnfinished = run.resetting !== null;
  // What a TERMINATE has ended would end in the same way again.
  const isMeant = run.status === 'COMPLETED' || rows.some(({ type }) => type === 'TERMINATE');
  if (isMeant || !(isUnfinished || rows.some(canRetry) || isCutShort(draft))) {
    return refuse('JN_RUN_NOTHING_TO_RETRY', `no task of run ${run.id} has failed`);
  }
  open(draft, operation);
  beginReset(draft, { isAll: false, keys: [] });
  return null;
}

function isCompensation({ plan }: Draft, { ref }: TaskRow): boolean {
  return plan.nodes.get(ref)?.frame.kind === 'compensation';
}

function canRetry({ status, isSettled }: TaskRow): boolean {
  return !isSuccessfulTask(status) || !isSettled;
}

/** It has ended before its end without a failed task: it timed out, or could not be decided. */
function isCutShort(draft: Draft): boolean {
  return !draft.run.isRootDone;
}

function restart(draft: Draft, operation: RestartOperation): Refusal | null {
  const { run, plan } = draft;
  if (run.status === 'COMPLETED' && !plan.definition.restartable) {
    return refuse('JN_RUN_NOT_RESTARTABLE', `run ${run.id} is of a definition that forbids it`);
  }
  open(draft, operation);
  const { pinned, input, correlationId } = operation;
  if (pinned !== undefined) {
    draft.patchRun({ planId: pinned.planId, definitionVersion: pinned.version });
  }
  takeData(draft, { input, correlationId });
  draft.putData('run:variables', plan.definition.variables);
  beginReset(draft, { isAll: true, keys: [] });
  return null;
}

function rerun(draft: Draft, operation: RerunOperation): Refusal | null {
  const { key, taskInput, input, correlationId } = operation;
  const row = draft.row(key);
  if (row === null) return refuse('JN_TASK_NOT_FOUND', `no task ${key}`, { task: key });
  open(draft, operation);
  takeData(draft, { input, correlationId });
  if (taskInput !== undefined) draft.putData(`i:${key}`, taskInput);
  takeBack(draft, row, { isGiven: taskInput !== undefined });
  beginReset(draft, { isAll: false, keys: [key] });
  return null;
}

/** The run goes on, as if it had not ended; its time counts from now. */
function open(draft: Draft, { type, reason }: ReopenOperation): void {
  const { status } = draft.run;
  if (!isTerminalRun(status)) return;
  draft.patchRun({
    status: 'RUNNING',
    reason: '',
    failedPermissive: [],
    retriedAt: draft.slice.at,
  });
  draft.putData('run:output', null);
  const { timeoutSeconds } = draft.plan.definition;
  if (timeoutSeconds > 0) draft.arm('run', timeoutSeconds * 1000);
  draft.record({ type: 'run.reopened', by: type, from: status, reason });
}

function takeData(
  draft: Draft,
  {
    input,
    correlationId,
  }: { readonly [Field in 'input' | 'correlationId']: RerunOperation[Field] | undefined },
): void {
  if (input !== undefined) draft.putData('run:input', input);
  if (correlationId !== undefined) draft.patchRun({ correlationId });
}

function rowsOf(draft: Draft): readonly TaskRow[] {
  const rows = [...draft.slice.rows.values()].filter((row) => row !== null);
  return rows.filter(({ shadow }) => shadow === undefined);
}
