import { joineryError, type Json, schemaEvaluation, type WorkflowDef } from '@joinery/core';
import { type Engine } from '../engine.ts';
import { runScripts } from '../decisions/run-scripts.ts';

/** Holds the input of a start to the schema of its definition. Throws JN_SCHEMA_MISMATCH with the place: no run begins. */
export async function checkRunInput(
  engine: Engine,
  { name, inputSchema, enforceSchema: isEnforced }: WorkflowDef,
  value: Json,
): Promise<void> {
  const asked = schemaEvaluation(inputSchema, { isEnforced, id: 'input:@', value });
  if (asked === null) return;
  const result = (await runScripts(engine, { evaluations: [asked] })).get(asked.id);
  if (result?.ok === true && result.value === null) return;
  const found = result?.ok === true ? result.value : result?.reason;
  const problem = typeof found === 'string' ? found : 'it was not applied';
  throw joineryError('JN_SCHEMA_MISMATCH', { what: `input of ${name}`, problem });
}
