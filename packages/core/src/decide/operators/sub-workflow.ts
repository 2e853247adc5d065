import { errorMessage } from '../../errors/joinery-error.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import { attemptInput, renderUnlessData } from '../attempts/attempt-input.ts';
import type { Draft } from '../slices/draft.ts';
import type { AttemptInput } from '../operator.ts';
import { requestRun } from '../runs/request-run.ts';
import { attempted } from '../attempts/schedule-attempt.ts';

/** Runs above each other. A definition that names itself by mistake ends here; nobody nests deeper on purpose. */
export const MAX_RUN_DEPTH = 32;

/**
 * SUB_WORKFLOW: each attempt is one run, started by letter and perhaps in another partition. The task is in progress
 * until that run has ended, and comes to what the run has come to (Conductor 3.30).
 */
export const subWorkflow = attempted({
  input: childInput,
  handOver: (draft, row, isFresh) => {
    const runId = requestRun(draft, row, { type: 'start-child', isFresh });
    draft.putData(`o:${row.key}`, { subWorkflowId: runId });
  },
});

/** The task's input by Conductor's names: which definition, and with what input. An inline definition is not rendered. */
function childInput(draft: Draft, node: PlanNode): AttemptInput {
  const depth = (draft.run.parent?.depth ?? 0) + 1;
  if (depth > MAX_RUN_DEPTH) {
    const facts = { task: node.ref, runId: draft.run.id, limit: MAX_RUN_DEPTH };
    return refused(`JN_RUN_TOO_DEEP: ${errorMessage('JN_RUN_TOO_DEEP', facts)}`);
  }
  const own = attemptInput(draft, node);
  if (!own.ok) return own;
  const params = node.task.subWorkflowParam ?? {};
  const rendered = renderUnlessData(draft, node, node.childParameters, node.childParameters);
  if (!rendered.ok) return rendered;
  const named = isJsonObject(rendered.value) ? rendered.value : {};
  const written = params.workflowDefinition ?? null;
  const definition = isJsonObject(written) ? written : (named['workflowDefinition'] ?? null);
  return checked({
    subWorkflowName: named['name'] ?? nameOf(definition),
    subWorkflowVersion: named['version'] ?? null,
    subWorkflowTaskToDomain: named['taskToDomain'] ?? null,
    subWorkflowDefinition: definition,
    priority: named['priority'] ?? null,
    workflowInput: own.value,
  });
}

function checked(input: JsonObject): AttemptInput {
  const { subWorkflowName: name, subWorkflowDefinition: definition, priority } = input;
  if (typeof name !== 'string' || name === '') {
    return refused(`subWorkflowParam names no definition: ${JSON.stringify(name ?? null)}`);
  }
  if (definition !== null && !isJsonObject(definition)) {
    return refused('subWorkflowParam.workflowDefinition does not yield a definition');
  }
  const wanted = priority === null ? null : Number(priority);
  if (wanted !== null && (!Number.isInteger(wanted) || wanted < 0 || wanted > 99)) {
    return refused(`priority ${JSON.stringify(priority)} is not a whole number from 0 to 99`);
  }
  return { ok: true, value: { ...input, priority: wanted } };
}

function nameOf(definition: Json): Json {
  return isJsonObject(definition) ? (definition['name'] ?? null) : null;
}

function refused(reason: string): AttemptInput {
  return { ok: false, reason };
}
