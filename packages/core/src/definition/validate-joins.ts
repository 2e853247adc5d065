import { type DefinitionProblem, problemOf } from './definition-problem.ts';
import { type Sequence, sequencesIn, type Visit, walkTasks } from './walk-tasks.ts';
import type { WorkflowTask } from './workflow-task.ts';

/**
 * Forks and joins come in pairs, and a JOIN waits only for tasks inside its own fork: anything else could wait for
 * what comes after it, or never comes. Conductor 3.30 checks none of it before the run stalls or ends.
 */
export function problemsOfJoins(visits: readonly Visit[]): readonly DefinitionProblem[] {
  return visits.flatMap((visit) => {
    if (visit.task.type === 'JOIN') return problemsOfJoin(visit);
    if (visit.task.type === 'EXCLUSIVE_JOIN') return problemsOfExclusiveJoin(visit);
    return isFork(visit.task) ? problemsOfFork(visit) : [];
  });
}

function isFork(task: WorkflowTask | null): task is WorkflowTask {
  return task?.type === 'FORK_JOIN' || task?.type === 'FORK_JOIN_DYNAMIC';
}

function problemsOfFork({ task, path, after }: Visit): readonly DefinitionProblem[] {
  if (after?.type === 'JOIN') return [];
  const facts = { path, type: task.type, ref: task.taskReferenceName };
  return [problemOf('JN_DEF_FORK_WITHOUT_JOIN', facts)];
}

function problemsOfJoin({ task, path, before }: Visit): readonly DefinitionProblem[] {
  const ref = task.taskReferenceName;
  if (!isFork(before)) return [problemOf('JN_DEF_JOIN_WITHOUT_FORK', { path, ref })];
  const inside = refsInside(before);
  const seen = new Set<string>();
  return task.joinOn.flatMap((target, index) => {
    const problem = targetProblem(before, target, inside, seen);
    seen.add(target);
    const facts = { path: `${path}.joinOn[${index}]`, ref, target };
    return problem === null ? [] : [problemOf('JN_DEF_JOIN_ON', { ...facts, problem }, target)];
  });
}

function targetProblem(
  fork: WorkflowTask,
  target: string,
  inside: ReadonlyMap<string, boolean>,
  seen: ReadonlySet<string>,
): string | null {
  if (fork.type === 'FORK_JOIN_DYNAMIC') return 'after a dynamic fork joinOn comes from the fork';
  if (seen.has(target)) return 'it is listed twice';
  const isDirectly = inside.get(target);
  if (isDirectly === undefined) return `it is no task inside ${fork.taskReferenceName}`;
  return isDirectly ? null : 'it is inside a loop; name the loop';
}

/** What comes before it in its sequence is over when it is reached, or on its way; all else might never come. */
function problemsOfExclusiveJoin({ task, path, earlierOf }: Visit): readonly DefinitionProblem[] {
  const before = directRefs([{ tasks: earlierOf(), path: '', depth: 1 }]);
  return (['joinOn', 'defaultExclusiveJoinTask'] as const).flatMap((member) =>
    task[member].flatMap((target, index) => {
      const isDirectly = before.get(target);
      if (isDirectly === true) return [];
      const problem =
        isDirectly === undefined
          ? 'it does not come before, in the same sequence'
          : 'it is inside a loop; name the loop';
      const at = { path: `${path}.${member}[${index}]`, ref: task.taskReferenceName, target };
      return [problemOf('JN_DEF_JOIN_ON', { ...at, problem }, target)];
    }),
  );
}

function refsInside(fork: WorkflowTask): ReadonlyMap<string, boolean> {
  return directRefs(sequencesIn(fork, '', 1));
}

/** The tasks of sequences and all that is inside them, and whether no loop there is around them. */
function directRefs(sequences: readonly Sequence[]): ReadonlyMap<string, boolean> {
  const visits = [...walkTasks(sequences)].filter(({ isCompensation }) => !isCompensation);
  const looped = new Set(visits.flatMap(({ task }) => refsOf(task.loopOver)));
  return new Map(
    visits.map(({ task: { taskReferenceName: ref } }) => [ref, !looped.has(ref)] as const),
  );
}

function refsOf(tasks: readonly WorkflowTask[]): readonly string[] {
  const visits = [...walkTasks([{ tasks, path: '', depth: 1 }])];
  return visits.map(({ task }) => task.taskReferenceName);
}
