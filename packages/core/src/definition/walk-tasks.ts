import type { WorkflowTask } from './workflow-task.ts';

/** A task on the way through a definition. */
export interface Visit {
  readonly task: WorkflowTask;
  /** `tasks[0].forkTasks[1][0]` */
  readonly path: string;
  /** 1 in the root sequence. */
  readonly depth: number;
  readonly before: WorkflowTask | null;
  readonly after: WorkflowTask | null;
  /** It takes back what another task has done: the flow does not come to it. */
  readonly isCompensation: boolean;
  /** All that come before it in its sequence. */
  readonly earlierOf: () => readonly WorkflowTask[];
}

/** A list of tasks inside a task. */
export interface Sequence {
  readonly tasks: readonly WorkflowTask[];
  readonly path: string;
  readonly depth: number;
  readonly isCompensation?: boolean;
}

/** Every task of the sequences and all that is inside them, in the order of the definition; without recursion. */
export function* walkTasks(sequences: readonly Sequence[]): Generator<Visit> {
  const open = sequences.toReversed();
  for (let sequence = open.pop(); sequence !== undefined; sequence = open.pop()) {
    const inside: Sequence[] = [];
    for (const [index, task] of sequence.tasks.entries()) {
      const path = `${sequence.path}[${index}]`;
      const before = sequence.tasks[index - 1] ?? null;
      const after = sequence.tasks[index + 1] ?? null;
      const { tasks, depth, isCompensation = false } = sequence;
      const earlierOf = (): readonly WorkflowTask[] => tasks.slice(0, index);
      yield { task, path, depth, before, after, isCompensation, earlierOf };
      inside.push(...sequencesIn(task, path, sequence.depth + 1));
    }
    for (const each of inside.toReversed()) open.push(each);
  }
}

/** The sequences directly inside a task. */
export function sequencesIn(task: WorkflowTask, path: string, depth: number): Sequence[] {
  return [
    ...task.forkTasks.map((tasks, index) => ({
      tasks,
      path: `${path}.forkTasks[${index}]`,
      depth,
    })),
    ...Object.entries(task.decisionCases).map(([name, tasks]) => ({
      tasks,
      path: `${path}.decisionCases.${name}`,
      depth,
    })),
    { tasks: task.defaultCase, path: `${path}.defaultCase`, depth },
    { tasks: task.loopOver, path: `${path}.loopOver`, depth },
    ...(task.compensate === undefined
      ? []
      : [{ tasks: [task.compensate], path: `${path}.compensate`, depth, isCompensation: true }]),
  ];
}
