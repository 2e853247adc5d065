import { isOperatorType } from '../../definition/operator-types.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { taskKeyOf } from '../../run/ids.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { dynamicQuietLimit, quietLimit } from '../joins/quiet-limit.ts';

/** The row with which the flow reaches a task: its first attempt, not yet handed to anybody. */
export function newRow(draft: Draft, node: PlanNode): TaskRow {
  const { task, taskDef } = node;
  const before = draft.shadow(node.key);
  return {
    key: node.key,
    ref: node.ref,
    iteration: node.iterations.at(-1) ?? 0,
    type: node.type,
    name: task.name,
    ...queueOf(node),
    seq: draft.nextSeq(),
    status: 'SCHEDULED',
    attempt: (before?.attempt ?? 0) + 1,
    dispatch: before?.dispatch ?? 0,
    deliveries: 0,
    maxDeliveries: draft.maxDeliveries,
    rev: 0,
    token: '',
    worker: '',
    isSettled: false,
    isTail: node.isTail,
    joins: joinsOf(draft, node),
    isOptional: task.optional,
    isPermissive: task.permissive,
    priority: draft.run.priority,
    timeoutMs: taskDef.timeoutSeconds * 1000,
    responseTimeoutMs: taskDef.responseTimeoutSeconds * 1000,
    pollTimeoutMs: (taskDef.pollTimeoutSeconds ?? 0) * 1000,
    cursor: 0,
    origin: node.origin,
    reason: '',
    scheduledAt: 0,
    firstScheduledAt: 0,
    startedAt: 0,
    endedAt: 0,
    ...(before !== null && takeOver(draft, before)),
  };
}

/** The attempt goes on counting, so that nothing that is late can be taken for it. What it yielded before is forgotten. */
function takeOver(draft: Draft, before: TaskRow): Partial<TaskRow> {
  const { key, attempt, shadow, hasGivenInput, groupTries } = before;
  if (attempt > 0) draft.keepAttempt(key, attempt);
  if (shadow !== 'skip') draft.putData(`o:${key}`, null);
  return {
    ...(attempt > 0 && { attemptsBefore: attempt }),
    ...(hasGivenInput === true && { hasGivenInput }),
    ...(groupTries !== undefined && { groupTries }),
  };
}

function queueOf({ type, task: { name } }: PlanNode): Pick<TaskRow, 'queue'> {
  return isOperatorType(type) || type === 'SIMPLE' || type === name ? {} : { queue: type };
}

function joinsOf(
  draft: Draft,
  { joins, origin, iterations }: PlanNode,
): Readonly<Record<string, number>> {
  const { plan } = draft;
  const limitOf = (ref: string): number =>
    origin === null
      ? quietLimit(plan, plan.nodes.get(ref))
      : dynamicQuietLimit(draft, plan.nodes.get(ref), origin.fork);
  return Object.fromEntries(joins.map((ref) => [taskKeyOf(ref, iterations), limitOf(ref)]));
}
