import { nameIn, problemsOfSchema, problemsOfSize, throwProblems } from './definition-problem.ts';
import { problemsOfInlineChildren } from './inline-children.ts';
import { problemsOfWorkflow } from './validate-workflow.ts';
import { type WorkflowDef, workflowDefSchema } from './workflow-def.ts';

/**
 * Parses a workflow definition in Conductor's JSON shape, with its defaults; unknown members are ignored. Throws
 * InvalidInput with every problem in `details.problems`: the code is the one that all of them share, else
 * JN_DEF_INVALID. A definition that passes can be carried out: nothing in it is ignored silently.
 */
export function parseWorkflowDef(input: unknown): WorkflowDef {
  throwProblems(nameIn(input), problemsOfSize(input));
  const parsed = workflowDefSchema.safeParse(input);
  if (!parsed.success) {
    throwProblems(nameIn(input), problemsOfSchema(parsed.error, input));
    throw parsed.error;
  }
  // What is stored is the parsed form, and it is parsed again: with its defaults it must be within the bounds too.
  throwProblems(parsed.data.name, problemsOfSize(parsed.data));
  throwProblems(parsed.data.name, problemsOfWorkflow(parsed.data));
  throwProblems(parsed.data.name, problemsOfInlineChildren(parsed.data, parseWorkflowDef));
  return parsed.data;
}
