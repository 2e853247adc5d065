import { type WorkflowDef, type WorkflowTask } from '@joinery/core';

/** What must have happened before a task is scheduled, read off the definition's tree. */
export interface TaskOrder {
  /** By reference: the task that must be over. Absent: none, or the task was made at run time. */
  readonly after: ReadonlyMap<string, string>;
  /** By reference of a JOIN: what it waits for. A join over a dynamic fork is not in it. */
  readonly joins: ReadonlyMap<string, readonly string[]>;
}

/** The order of a definition's tasks. */
export function taskOrderOf(definition: WorkflowDef): TaskOrder {
  const after = new Map<string, string>();
  const joins = new Map<string, readonly string[]>();
  orderSequence(definition.tasks, { after, joins });
  return { after, joins };
}

interface Order {
  readonly after: Map<string, string>;
  readonly joins: Map<string, readonly string[]>;
}

function orderSequence(tasks: readonly WorkflowTask[], order: Order): void {
  for (const [index, task] of tasks.entries()) {
    const before = tasks[index - 1];
    // A join stands beside its branches, not after its fork alone: it has its own rule.
    if (before !== undefined && task.type !== 'JOIN') {
      order.after.set(task.taskReferenceName, before.taskReferenceName);
    }
    if (task.type === 'JOIN' && before?.type !== 'FORK_JOIN_DYNAMIC') {
      order.joins.set(task.taskReferenceName, task.joinOn);
    }
    const inner = [...task.forkTasks, ...Object.values(task.decisionCases), task.defaultCase];
    for (const sequence of inner) orderSequence(sequence, order);
  }
}
