import { type DefinitionProblem, problemOf } from './definition-problem.ts';
import { isNeverRetried } from './operator-types.ts';
import type { Visit } from './walk-tasks.ts';

/** What is done and what takes it back is somebody's work: operators that only lead the flow have no effect. */
export function problemsOfCompensation({
  task,
  path,
  isCompensation,
}: Visit): readonly DefinitionProblem[] {
  const problem = (reason: string): readonly DefinitionProblem[] => [
    problemOf('JN_DEF_UNSUPPORTED', { path, feature: 'compensate', reason }, task.type),
  ];
  if (isCompensation && isNeverRetried(task.type)) {
    return problem(`a ${task.type} cannot take back anything; use a worker or a sub-workflow`);
  }
  if (task.compensate === undefined) return [];
  if (isCompensation) return problem('a compensation is not compensated itself');
  return isNeverRetried(task.type)
    ? problem(`a ${task.type} has no effect to take back; compensate the tasks inside it`)
    : [];
}
