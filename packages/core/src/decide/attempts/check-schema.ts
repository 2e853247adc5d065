import type { SchemaDef } from '../../definition/task-def.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { Evaluation, EvaluationResult } from '../../run/evaluation.ts';
import type { Json } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';

/*
 * Schemas are applied where scripts run: a pattern or a tower of references may take for ever.
 */

/** What asks whether a value fits; null where no schema is to be enforced. `id` as of an evaluation. */
export function schemaEvaluation(
  schema: SchemaDef | undefined,
  {
    isEnforced,
    id,
    value,
  }: { readonly isEnforced: boolean; readonly id: string; readonly value: Json },
): Evaluation | null {
  const data = isEnforced ? schema?.data : undefined;
  return data === undefined
    ? null
    : { id, language: 'json-schema', script: JSON.stringify(data), input: value };
}

/** Why the value that was asked about is refused; null when it fits. */
export function schemaProblem(what: string, result: EvaluationResult): string | null {
  if (!result.ok)
    return `JN_SCHEMA_MISMATCH: the schema of ${what} cannot be applied: ${result.reason}`;
  return result.value === null ? null : `JN_SCHEMA_MISMATCH: ${what} ${problemText(result.value)}`;
}

function problemText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Why the input of an attempt is refused. */
export function inputProblem(
  draft: Draft,
  { task, taskDef }: PlanNode,
  row: TaskRow,
  value: Json,
): string | null {
  const id = `input:${row.key}@${row.attempt}`;
  const asked = schemaEvaluation(taskDef.inputSchema, {
    isEnforced: taskDef.enforceSchema,
    id,
    value,
  });
  if (asked === null) return null;
  return schemaProblem(`the input of ${task.name}`, draft.evaluation(asked));
}

/** Why the output of an attempt is refused. */
export function outputProblem(draft: Draft, node: PlanNode, row: TaskRow): string | null {
  if (row.status !== 'COMPLETED' || !checksOutput(node)) return null;
  const { taskDef } = node;
  const id = `output:${row.key}@${row.attempt}`;
  const value = draft.data(`o:${row.key}`) ?? {};
  const asked = schemaEvaluation(taskDef.outputSchema, { isEnforced: true, id, value });
  return asked === null
    ? null
    : schemaProblem(`the output of ${row.name}`, draft.evaluation(asked));
}

/** True for a task whose success somebody must look at. */
export function checksOutput({ taskDef }: Pick<PlanNode, 'taskDef'>): boolean {
  return taskDef.enforceSchema && taskDef.outputSchema?.data !== undefined;
}

/** Why the output of the run is refused. */
export function runOutputProblem(draft: Draft, value: Json): string | null {
  const { outputSchema, enforceSchema: isEnforced } = draft.plan.definition;
  const asked = schemaEvaluation(outputSchema, { isEnforced, id: 'output:@', value });
  return asked === null ? null : schemaProblem('the output of the run', draft.evaluation(asked));
}
