import { type TaskKey, type WorkflowDef, type WorkflowTask } from '@joinery/core';

/** What must have happened before a task is scheduled, read off the definition's tree. By reference, without iterations. */
export interface TaskOrder {
  /** The task that must be over. Absent: none, or the task was made at run time. */
  readonly after: ReadonlyMap<string, string>;
  /** Of a JOIN: what it waits for. A join over a dynamic fork, or one that counts, is not in it. */
  readonly joins: ReadonlyMap<string, readonly string[]>;
}

/** The order of a definition's tasks. */
export function taskOrderOf(definition: WorkflowDef): TaskOrder {
  const after = new Map<string, string>();
  const joins = new Map<string, readonly string[]>();
  orderSequence(definition.tasks, { after, joins });
  return { after, joins };
}

/** The key of another task in the same iterations as this one. */
export function siblingOf(key: TaskKey, ref: string): string {
  return ref + iterationsOf(key);
}

/** The reference that a key is about, without its iterations. */
export function refOf(key: string): string {
  return key.slice(0, key.length - iterationsOf(key).length);
}

/** Generated references contain no underscores. */
function iterationsOf(key: string): string {
  const at = key.indexOf('__');
  return at < 0 ? '' : key.slice(at);
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
    const isCount = (task.joinCount ?? 0) > 0;
    if (task.type === 'JOIN' && !isCount && before?.type !== 'FORK_JOIN_DYNAMIC') {
      order.joins.set(task.taskReferenceName, task.joinOn);
    }
    const cases = [...Object.values(task.decisionCases), task.defaultCase];
    for (const sequence of [...task.forkTasks, ...cases, task.loopOver]) {
      orderSequence(sequence, order);
    }
  }
}
