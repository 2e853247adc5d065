import { isOperatorType, type WorkflowDef, type WorkflowTask } from '@joinery/core';

/** The task types that workers must run for this definition, each once, in the order of the definition. */
export function workerTypesOf({ tasks }: Pick<WorkflowDef, 'tasks'>): readonly string[] {
  const types = new Set<string>();
  for (const { task } of walkTasks(tasks)) {
    if (!isOperatorType(task.type)) types.add(task.type === 'SIMPLE' ? task.name : task.type);
  }
  return [...types];
}

/** A task and how deep it is nested. */
export interface NestedTask {
  readonly task: WorkflowTask;
  readonly depth: number;
  /** Which branch of the enclosing task it begins: a case, or the number of a fork's branch. Empty otherwise. */
  readonly branch: string;
}

/** All tasks at any depth, in reading order. */
export function walkTasks(tasks: readonly WorkflowTask[]): readonly NestedTask[] {
  const found: NestedTask[] = [];
  // From the end, because the last one put is the next one taken.
  const left: NestedTask[] = toVisit(tasks, 0, '');
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    found.push(next);
    const branches = branchesOf(next.task).toReversed();
    for (const { name, list } of branches) left.push(...toVisit(list, next.depth + 1, name));
  }
  return found;
}

function toVisit(tasks: readonly WorkflowTask[], depth: number, branch: string): NestedTask[] {
  return tasks
    .map((task, index) => ({ task, depth, branch: index === 0 ? branch : '' }))
    .toReversed();
}

function branchesOf(
  task: WorkflowTask,
): readonly { readonly name: string; readonly list: readonly WorkflowTask[] }[] {
  return [
    ...task.forkTasks.map((list, index) => ({ name: String(index + 1), list })),
    ...Object.entries(task.decisionCases).map(([name, list]) => ({ name, list })),
    { name: 'default', list: task.defaultCase },
    { name: '', list: task.loopOver },
  ];
}
