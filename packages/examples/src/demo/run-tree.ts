import { type TaskKey, taskKeyOf, type TaskRow, type WorkflowTask } from '@joinery/core';

/** One line of the picture of a run. */
export interface TreeLine {
  /** With the branches that lead to it. */
  readonly label: string;
  readonly key: TaskKey;
  readonly type: string;
}

/** The rows of a run by task key, the last attempt of each. */
export type RowsByKey = ReadonlyMap<TaskKey, TaskRow>;

/** Draws the forks of a definition, with the branches that a run has found and the cases that it has taken. */
export function runTree(tasks: readonly WorkflowTask[], rows: RowsByKey): readonly TreeLine[] {
  return sequence(tasks, rows, { first: '', others: '' });
}

/** What stands before the first line of a branch, and before its others. */
interface Indent {
  readonly first: string;
  readonly others: string;
}

function sequence(
  tasks: readonly WorkflowTask[],
  rows: RowsByKey,
  { first, others }: Indent,
): TreeLine[] {
  return tasks.flatMap((task, index) => {
    const indent = index === 0 ? first : others;
    const key = taskKeyOf(task.taskReferenceName);
    const line = { label: indent + task.taskReferenceName, key, type: task.type };
    return [line, ...inside(task, rows, others)];
  });
}

function inside(task: WorkflowTask, rows: RowsByKey, indent: string): TreeLine[] {
  const made = task.type === 'FORK_JOIN_DYNAMIC' ? madeBy(task, rows) : [];
  const branches = [
    ...branchesOf(task, rows).map((branch) => (at: Indent) => sequence(branch, rows, at)),
    ...made.map(({ ref, key, type }) => ({ first }: Indent) => [{ label: first + ref, key, type }]),
  ];
  return branches.flatMap((draw, index) => {
    const isLast = index === branches.length - 1;
    const first = indent + (isLast ? '└─ ' : '├─ ');
    const others = indent + (isLast ? '   ' : '│  ');
    return draw({ first, others });
  });
}

/** Branches of the definition; of a switch only those that were taken. */
function branchesOf(task: WorkflowTask, rows: RowsByKey): readonly (readonly WorkflowTask[])[] {
  if (task.type === 'FORK_JOIN') return task.forkTasks;
  if (task.type !== 'SWITCH') return [];
  return [...Object.values(task.decisionCases), task.defaultCase].filter(([first]) =>
    rows.has(taskKeyOf(first?.taskReferenceName ?? '')),
  );
}

/** Branches that a dynamic fork has made of its input, in their order. */
function madeBy(fork: WorkflowTask, rows: RowsByKey): readonly TaskRow[] {
  return [...rows.values()]
    .filter(({ origin }) => origin?.fork === taskKeyOf(fork.taskReferenceName))
    .toSorted((one, other) => (one.origin?.index ?? 0) - (other.origin?.index ?? 0));
}
