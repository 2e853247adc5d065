import type { Rendered } from '../../expressions/evaluate.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import type { Draft } from '../slices/draft.ts';
import type { AttemptInput } from '../operator.ts';
import { renderWith } from '../slices/scope.ts';

/**
 * The task's parameters, with the task definition's input template for what is absent or null. A branch made at run
 * time brings its input, and perhaps a template, as data: they are never read as templates again.
 */
export function attemptInput(draft: Draft, node: PlanNode): AttemptInput {
  const own = renderUnlessData(draft, node, node.task.inputParameters, node.inputParameters);
  if (!own.ok || !isJsonObject(own.value)) return own;
  const input = own.value;
  const lacking = Object.entries(node.taskDef.inputTemplate).filter(([name]) =>
    isNull(input, name),
  );
  if (lacking.length === 0) return own;
  const template = Object.fromEntries(lacking);
  const isData = node.origin !== null && node.task.taskDefinition !== undefined;
  const filled: AttemptInput = isData
    ? { ok: true, value: template }
    : asInput(renderWith(draft, template, node));
  if (!filled.ok || !isJsonObject(filled.value)) return filled;
  return { ok: true, value: { ...input, ...filled.value } };
}

/** What a task made at run time brings is data; all else is a template. */
export function renderUnlessData(
  draft: Draft,
  node: PlanNode,
  data: Json,
  template: Json,
): AttemptInput {
  if (node.origin !== null) return { ok: true, value: data };
  return asInput(renderWith(draft, template, node));
}

function asInput(rendered: Rendered): AttemptInput {
  return rendered.ok ? rendered : { ok: false, reason: rendered.error.message };
}

function isNull(input: JsonObject, name: string): boolean {
  return !Object.hasOwn(input, name) || input[name] === null;
}
