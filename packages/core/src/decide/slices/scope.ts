import { renderTemplate, type Rendered, type RootAnswer } from '../../expressions/evaluate.ts';
import { parseTemplate, type ParsedTemplate } from '../../expressions/template.ts';
import type { Read } from '../../expressions/text-expression.ts';
import type { Place } from '../../plan/plan.ts';
import type { DataField } from '../../run/command.ts';
import { taskIdOf, type TaskKey } from '../../run/ids.ts';
import type { Json, JsonObject } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { LACKING, type Draft } from './draft.ts';
import { outputOf, wantOutput } from '../attempts/task-output.ts';
import { lackingLoop, seenKey } from './seen-key.ts';

/*
 * What expressions see of a run. A template's reads are known before it is rendered, so that all of them are asked
 * for in one go; what a nested expression names only at run time is asked for when it is met.
 */

/** Parsed templates by the definition object that holds them: parsing is pure, plans live long. */
const parsedTemplates = new WeakMap<object, ParsedTemplate>();

/** A value that is rendered as it is, whatever texts it holds. */
export function asData(value: JsonObject): JsonObject {
  const data = { ...value };
  const node = { kind: 'literal', value: data } as const;
  parsedTemplates.set(data, { ok: true, template: { node, reads: [], roots: [] } });
  return data;
}

/** Render a template of the definition over the run as it is in the draft, as this place sees it. */
export function renderWith(draft: Draft, template: Json, from: Place): Rendered {
  const parsed = parsedOf(template);
  if (!parsed.ok) {
    const { expression, problem } = parsed;
    const message = `The expression ${expression} cannot be read: ${problem}`;
    return { ok: false, error: { code: 'JN_EXPR_SYNTAX', message, expression } };
  }
  const { reads } = parsed.template;
  draft.require({ ...readsNeed(draft, reads, from), arrivals: [] });
  let isLacking = false;
  const rendered = renderTemplate(parsed.template, (root, segments) => {
    try {
      if (root === 'CPEWF_TASK_ID' && from.key !== undefined)
        return ownId(draft, from.key, segments);
      return lookUp(draft, { root, segment: segments[0], reads, from });
    } catch (error) {
      if (error !== LACKING) throw error;
      isLacking = true;
      return { missing: true };
    }
  });
  if (isLacking) throw LACKING;
  return rendered;
}

function parsedOf(template: Json): ParsedTemplate {
  if (typeof template !== 'object' || template === null) return parseTemplate(template);
  const known = parsedTemplates.get(template);
  if (known !== undefined) return known;
  const parsed = parseTemplate(template);
  parsedTemplates.set(template, parsed);
  return parsed;
}

/** What these reads need of the store. A join's output is its branches': they are asked for when it is rendered. */
export function readsNeed(
  draft: Draft,
  reads: readonly Read[],
  from: Place,
): { readonly rows: readonly TaskKey[]; readonly data: readonly DataField[] } {
  const rows = new Set<TaskKey>();
  const data = new Set<DataField>();
  for (const { root, path } of reads) {
    const [first] = path;
    const node = draft.plan.nodes.get(root);
    if (root === 'workflow') {
      for (const field of runFields(first)) data.add(field);
    } else if (node !== undefined) {
      const loop = lackingLoop(draft, node, from);
      const key = loop ?? seenKey(draft, node, from);
      if (key !== null) rows.add(key);
      if (loop !== null || key === null) continue;
      const isAll = first === undefined;
      if (isAll || first === 'output') wantOutput(draft.plan, { key, path }, { rows, data });
      if (isAll || first === 'input') data.add(`i:${key}`);
    }
  }
  return { rows: [...rows], data: [...data] };
}

function runFields(first: string | undefined): readonly DataField[] {
  if (first === 'input') return ['run:input'];
  if (first === 'variables') return ['run:variables'];
  if (first === 'output') return ['run:output'];
  return first === undefined ? ['run:input', 'run:variables', 'run:output'] : [];
}

function ownId({ run }: Draft, self: TaskKey, segments: readonly string[]): RootAnswer {
  return segments.length > 0 ? { found: false } : { found: true, value: taskIdOf(run.id, self) };
}

interface LookUp {
  readonly root: string;
  readonly segment: string | undefined;
  readonly reads: readonly Read[];
  readonly from: Place;
}

function lookUp(draft: Draft, { root, segment, reads, from }: LookUp): RootAnswer {
  if (root === 'workflow' && segment === 'env') return { found: true, value: draft.env };
  if (root === 'workflow')
    return pick(segment, (name) => workflowPart(draft, name), WORKFLOW_PARTS);
  const node = draft.plan.nodes.get(root);
  const key = node === undefined ? null : seenKey(draft, node, from);
  const row = key === null ? null : draft.row(key);
  if (row === null) return { found: false };
  return pick(segment, (name) => taskPart(draft, row, name, reads), TASK_PARTS);
}

/** One part of a document, or all of them. */
function pick(
  segment: string | undefined,
  part: (name: string) => Json | undefined,
  names: readonly string[],
): RootAnswer {
  if (segment === undefined) {
    const entries = names.map((name) => [name, part(name) ?? null] as const);
    return { found: true, value: Object.fromEntries(entries) };
  }
  const value = names.includes(segment) ? part(segment) : undefined;
  return value === undefined ? { found: false } : { found: true, value };
}

const WORKFLOW_PARTS = [
  'input',
  'output',
  'variables',
  'status',
  'workflowId',
  'workflowType',
  'version',
  'correlationId',
  'reasonForIncompletion',
  'schemaVersion',
] as const;

function workflowPart(draft: Draft, name: string): Json | undefined {
  const { run } = draft;
  switch (name) {
    case 'input':
    case 'output':
    case 'variables':
      return draft.data(`run:${name}`);
    case 'status':
      return run.status;
    case 'workflowId':
      return run.id;
    case 'workflowType':
      return run.definition;
    case 'version':
      return run.definitionVersion;
    case 'correlationId':
      return run.correlationId === '' ? null : run.correlationId;
    case 'reasonForIncompletion':
      return run.reason === '' ? null : run.reason;
    case 'schemaVersion':
      return 2;
    default:
      return undefined;
  }
}

const TASK_PARTS = [
  'input',
  'output',
  'taskType',
  'status',
  'referenceTaskName',
  'retryCount',
  'taskDefName',
  'scheduledTime',
  'startTime',
  'endTime',
  'workflowInstanceId',
  'taskId',
  'reasonForIncompletion',
  'workerId',
  'iteration',
] as const;

function taskPart(
  draft: Draft,
  row: TaskRow,
  name: string,
  reads: readonly Read[],
): Json | undefined {
  switch (name) {
    case 'input':
      return draft.data(`i:${row.key}`) ?? {};
    case 'output':
      return outputOf(draft, row, reads);
    case 'taskType':
      return row.type;
    case 'status':
      return row.status;
    case 'referenceTaskName':
      return row.ref;
    case 'retryCount':
      return row.attempt - 1;
    case 'taskDefName':
      return row.name;
    case 'scheduledTime':
      return row.scheduledAt;
    case 'startTime':
      return row.startedAt;
    case 'endTime':
      return row.endedAt;
    case 'workflowInstanceId':
      return draft.run.id;
    case 'taskId':
      return taskIdOf(draft.run.id, row.key);
    case 'reasonForIncompletion':
      return row.reason === '' ? null : row.reason;
    case 'workerId':
      return row.worker === '' ? null : row.worker;
    case 'iteration':
      return row.iteration;
    default:
      return undefined;
  }
}
