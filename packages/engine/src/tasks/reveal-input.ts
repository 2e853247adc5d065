import {
  joineryError,
  type Json,
  parseTemplate,
  type ParsedTemplate,
  type PlanNode,
  revealSecrets,
} from '@joinery/core';
import { type ClaimedTask } from './claim-task.ts';
import { type Engine } from '../engine.ts';

/**
 * The input of a claimed task as its worker gets it: with the secrets in the places where the definition names them.
 * The claim, the store, histories and logs have the references only; a handler that returns a secret stores it. Throws
 * JN_SECRET_MISSING for a secret that this process may not hand out. Branches that a fork made at run time bring data
 * only, and data holds no references.
 */
export async function revealInput(engine: Engine, { run, row, input }: ClaimedTask): Promise<Json> {
  if (row.origin !== null) return input;
  const found = await engine.plans.find(run.planId);
  const node = found.type === 'missing' ? undefined : found.plan.nodes.get(row.ref);
  if (node === undefined) return input;
  let value = input;
  for (const parsed of secretTemplates(node)) {
    if (!parsed.ok) continue;
    const revealed = revealSecrets(parsed.template, value, (name) => engine.secrets?.(name));
    if (!revealed.ok) throw joineryError('JN_SECRET_MISSING', { name: revealed.missing });
    value = revealed.value;
  }
  return value;
}

/** The input template of the task definition fills what the parameters leave null: it is read after them. */
function secretTemplates(node: PlanNode): readonly ParsedTemplate[] {
  const known = templates.get(node);
  if (known !== undefined) return known;
  const parsed = [node.inputParameters, node.taskDef.inputTemplate].map((each) =>
    parseTemplate(each),
  );
  const named = parsed.filter(
    (each) => each.ok && each.template.reads.some(({ path }) => path[0] === 'secrets'),
  );
  templates.set(node, named);
  return named;
}

/** Parsed once: plans live long. */
const templates = new WeakMap<PlanNode, readonly ParsedTemplate[]>();
