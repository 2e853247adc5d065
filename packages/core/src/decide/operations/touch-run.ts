import { isEndedFromOutside } from '../../definition/operator-types.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { placed } from '../../plan/node-at.ts';
import { parseTaskKey, taskKeyOf } from '../../run/ids.ts';
import type { SkipOperation, TouchOperation, UpdateTaskOperation } from '../../run/operation.ts';
import { isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { mergeVariables, VARIABLES_LIMIT_BYTES } from '../slices/merge-variables.ts';
import { newRow } from '../attempts/new-row.ts';
import { armWait } from '../operators/wait.ts';
import { refuse, type Refusal } from './refusal.ts';
import { OUTSIDE, seenKey } from '../slices/seen-key.ts';

/** Change something of a run that goes on. */
export function touchRun(draft: Draft, operation: TouchOperation): Refusal | null {
  switch (operation.type) {
    case 'skip':
      return skipTask(draft, operation);
    case 'set-variables': {
      const bytes = mergeVariables(draft, operation.variables);
      if (bytes !== null) {
        const details = { what: 'variables', size: bytes, limit: VARIABLES_LIMIT_BYTES };
        return refuse('JN_PAYLOAD_TOO_LARGE', `variables of ${bytes} bytes`, details);
      }
      const names = Object.keys(operation.variables);
      draft.record({ type: 'run.variables-set', names, reason: operation.reason });
      return null;
    }
    case 'update-task':
      return updateTask(draft, operation);
  }
}

/**
 * Leaves the wish where the flow will find it. A fork cannot be skipped: its join would wait for branches that never
 * begin.
 */
function skipTask(draft: Draft, operation: SkipOperation): Refusal | null {
  const { task, input = {}, output = {}, reason } = operation;
  const node = nodeToSkip(draft, task);
  if (node === null) return refuse('JN_TASK_NOT_FOUND', `no task ${task}`, { task });
  if (node.join !== null) {
    const problem = 'a fork cannot be skipped; skip the tasks of its branches';
    return refuse('JN_TASK_NOT_SKIPPABLE', problem, { task, problem });
  }
  if (draft.row(node.key) !== null) {
    const problem = 'the flow has reached it already';
    return refuse('JN_TASK_NOT_SKIPPABLE', problem, { task, problem });
  }
  const { key } = node;
  const before = draft.shadow(key);
  if (before?.shadow === 'skip' && before.reason === reason) return null;
  draft.put({
    ...(before ?? { ...newRow(draft, node), attempt: 0 }),
    status: 'SKIPPED',
    isSettled: true,
    hasGivenInput: false,
    shadow: 'skip',
    reason,
  });
  draft.putData(`i:${key}`, input);
  draft.putData(`o:${key}`, output);
  draft.record({ type: 'task.skip-asked', key, reason });
  return null;
}

/** A key, or a reference: outside of loops, or in the present iteration of those around it. */
function nodeToSkip(draft: Draft, task: string): PlanNode | null {
  const key = parseTaskKey(task);
  const node = draft.plan.nodes.get(key.ref);
  if (node === undefined) return null;
  const { loops } = node;
  if (key.iterations.length === loops.length) return placed(node, key.iterations);
  if (key.iterations.length > 0) return null;
  const seen = seenKey(draft, node, OUTSIDE);
  const iterations = seen === null ? loops.map(() => 1) : parseTaskKey(seen).iterations;
  return placed(node, iterations);
}

/** Only a task that waits for somebody outside can be told of: the output of all others is their worker's. */
function updateTask(draft: Draft, operation: UpdateTaskOperation): Refusal | null {
  const { key, attempt, output, reason } = operation;
  const row = draft.row(key);
  if (row === null) return refuse('JN_TASK_NOT_FOUND', `no task ${key}`, { task: key });
  const isOpen = row.attempt === attempt && !isTerminalTask(row.status);
  if (!isOpen || !isEndedFromOutside(row.type)) {
    return refuse('JN_TASK_NOT_OPEN', `task ${key} is ${row.status}`, { task: key });
  }
  draft.put(row);
  armWait(draft, row);
  draft.putData(`o:${taskKeyOf(key)}`, output);
  draft.record({ type: 'task.updated', key, attempt, reason });
  return null;
}

/** Tasks that wait for a signal. */
export function isWaiting({ type }: Pick<TaskRow, 'type'>): boolean {
  return type === 'WAIT' || type === 'HUMAN' || type === 'YIELD';
}
