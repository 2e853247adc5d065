import type { Json } from '../run/json.ts';
import { measureJson } from './measure-json.ts';
import { parseText, readsOfParts, type Read, type TextPart } from './text-expression.ts';

/** A node of a parsed template. Whatever holds no expression is one `literal`, shared with the source. */
export type TemplateNode =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'text'; readonly parts: readonly TextPart[] }
  | { readonly kind: 'list'; readonly items: readonly TemplateNode[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, TemplateNode])[] };

/** A parsed template: what to yield, and what must be at hand to do so. */
export interface CompiledTemplate {
  readonly node: TemplateNode;
  readonly reads: readonly Read[];
  /** The distinct roots of `reads`. */
  readonly roots: readonly string[];
}

/** A compiled template, or the first expression that is none, with its place (`a.b[0]`). */
export type ParsedTemplate =
  | { readonly ok: true; readonly template: CompiledTemplate }
  | {
      readonly ok: false;
      readonly place: string;
      readonly expression: string;
      readonly problem: string;
    };

/** As large as a definition may be, as deep as a payload may be. */
export const TEMPLATE_BOUNDS = { maxSize: 5_000_000, maxDepth: 100 } as const;

/** Parses every `${…}` in the strings of a JSON value. Member names are not templates. */
export function parseTemplate(source: Json): ParsedTemplate {
  const measured = measureJson(source, TEMPLATE_BOUNDS);
  if (!measured.ok) {
    return { ok: false, place: '', expression: 'the template', problem: `is ${measured.problem}` };
  }
  const reads: Read[] = [];
  const node = parseNode(source, '', reads);
  if ('problem' in node) return { ok: false, ...node };
  const distinct = distinctReads(reads);
  const roots = [...new Set(distinct.map((read) => read.root))];
  return { ok: true, template: { node, reads: distinct, roots } };
}

/** What a template reads; nothing when it cannot be parsed. */
export function templateReads(source: Json): readonly Read[] {
  const parsed = parseTemplate(source);
  return parsed.ok ? parsed.template.reads : [];
}

/** The reads without repetitions, in order of first appearance. */
export function distinctReads(reads: readonly Read[]): readonly Read[] {
  const seen = new Map(reads.map((read) => [JSON.stringify([read.root, ...read.path]), read]));
  return [...seen.values()];
}

interface Refusal {
  readonly place: string;
  readonly expression: string;
  readonly problem: string;
}

function parseNode(source: Json, place: string, reads: Read[]): TemplateNode | Refusal {
  if (typeof source === 'string') return parseString(source, place, reads);
  if (typeof source !== 'object' || source === null) return { kind: 'literal', value: source };
  const isList = Array.isArray(source);
  const members: (readonly [string, TemplateNode])[] = [];
  for (const [name, child] of Object.entries(source)) {
    const node = parseNode(child, isList ? `${place}[${name}]` : `${place}.${name}`, reads);
    if ('problem' in node) return node;
    members.push([name, node]);
  }
  if (members.every(([, node]) => node.kind === 'literal'))
    return { kind: 'literal', value: source };
  if (isList) return { kind: 'list', items: members.map(([, node]) => node) };
  return { kind: 'object', members };
}

function parseString(source: string, place: string, reads: Read[]): TemplateNode | Refusal {
  if (!source.includes('${')) return { kind: 'literal', value: source };
  const parsed = parseText(source);
  if (!parsed.ok) return { place, expression: parsed.expression, problem: parsed.problem };
  reads.push(...readsOfParts(parsed.parts));
  return { kind: 'text', parts: parsed.parts };
}
