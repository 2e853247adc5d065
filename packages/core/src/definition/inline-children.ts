import { isJoineryError } from '../errors/joinery-error.ts';
import { isJsonObject, type Json } from '../run/json.ts';
import { type DefinitionProblem } from './definition-problem.ts';
import { walkTasks } from './walk-tasks.ts';
import type { WorkflowDef } from './workflow-def.ts';

/** What is wrong with the definitions that SUB_WORKFLOW tasks have written out; `parse` throws what is wrong with one. */
export function problemsOfInlineChildren(
  { tasks }: WorkflowDef,
  parse: (definition: Json) => unknown,
): readonly DefinitionProblem[] {
  return [...walkTasks([{ tasks, path: 'tasks', depth: 1 }])].flatMap(({ task, path }) => {
    const definition = task.type === 'SUB_WORKFLOW' && task.subWorkflowParam?.workflowDefinition;
    if (definition === undefined || definition === false || !isJsonObject(definition)) return [];
    const at = `${path}.subWorkflowParam.workflowDefinition.`;
    return problemsThrown(() => parse(definition)).map(
      ({ code, path: inside, message, invalidValue }) => {
        return { code, path: at + inside, message, invalidValue };
      },
    );
  });
}

function problemsThrown(work: () => unknown): readonly DefinitionProblem[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!isJoineryError(error)) throw error;
    const { problems } = error.details;
    return asProblems(Array.isArray(problems) ? problems : []);
  }
}

function asProblems(list: readonly unknown[]): readonly DefinitionProblem[];
function asProblems(list: unknown): unknown {
  return list;
}
