import { errorMessage } from '../errors/joinery-error.ts';
import type { ErrorCode } from '../errors/error-catalogue.ts';
import type { Json } from '../run/json.ts';
import { measureJson } from './measure-json.ts';
import { lengthOf, lengthsOf, parsePath, stepInto, type Path } from './path.ts';
import type { CompiledTemplate, TemplateNode } from './template.ts';
import { TEMPLATE_BOUNDS, parseTemplate } from './template.ts';
import type { Expression, TextPart } from './text-expression.ts';

/** What the caller knows of a place: its value, that it does not exist, or that it was not loaded. */
export type RootAnswer =
  | { readonly found: true; readonly value: Json }
  | { readonly found: false }
  | { readonly missing: true };

/**
 * Finds the data of a root: `segments` is empty (the whole document of the root is wanted) or holds the first
 * member name, and the answer is the value at exactly that place: `('t', ['output'])` asks for `t.output`.
 */
export type RootLookup = (root: string, segments: readonly string[]) => RootAnswer;

/** Why a template has no value. Deterministic, except that `JN_EXPR_NOT_LOADED` asks for more data. */
export interface ExpressionError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly expression: string;
}

/** The value of a template, or the reason why it has none. */
export type Rendered =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: ExpressionError };

/** Bounds of what a template may yield. */
export interface RenderBounds {
  /** Characters of JSON text over all values that expressions yield. */
  readonly maxSize: number;
}

/**
 * The value of a template. Total: it never throws, whatever the template and the data are.
 *
 * A string that is exactly one expression yields the value itself, with its type; otherwise texts are
 * concatenated. A path to nothing is null; wildcards, slices, filters and deep scans yield lists. What an
 * expression yields is never read as a template again, except as the path text around a nested expression.
 *
 * Differs from Conductor 3.30 (Jayway): within a longer text, objects and lists appear as JSON text and not in
 * Java's form (`{"a":1}`, not `{a=1}`); a number appears as JSON writes it (`1`, not `1.0`); filters know no regular
 * expressions, no `in` and its kin, and look at nothing but their item; of the path functions only `length()` and
 * `size()` exist. What is left out is refused when the template is parsed. The rest yields what Jayway yields.
 */
export function renderTemplate(
  template: CompiledTemplate,
  lookup: RootLookup,
  bounds: RenderBounds = TEMPLATE_BOUNDS,
): Rendered {
  const budget: Budget = { left: bounds.maxSize, limit: bounds.maxSize };
  try {
    return { ok: true, value: renderNode(template.node, lookup, budget) };
  } catch (error) {
    if (error instanceof ExpressionFault) return { ok: false, error: error.fault };
    const problem = error instanceof Error ? error.message : String(error);
    return failed('JN_INVARIANT_BROKEN', { what: 'Evaluation', problem, expression: '' });
  }
}

/** Parses and renders at once, for templates that come with the data. */
export function evaluateTemplate(source: Json, lookup: RootLookup): Rendered {
  const parsed = parseTemplate(source);
  if (parsed.ok) return renderTemplate(parsed.template, lookup);
  const { expression, problem } = parsed;
  return failed('JN_EXPR_SYNTAX', { expression, problem });
}

interface Budget {
  left: number;
  readonly limit: number;
}

// Carries a fault up through the nodes; renderTemplate turns it into data.
class ExpressionFault extends Error {
  readonly fault: ExpressionError;
  constructor(fault: ExpressionError) {
    super(fault.message);
    this.fault = fault;
  }
}

function failed(
  code: ErrorCode,
  details: Readonly<Record<string, string | number>> & { readonly expression: string },
): { readonly ok: false; readonly error: ExpressionError } {
  const message = errorMessage(code, details);
  return { ok: false, error: { code, message, expression: details.expression } };
}

function raise(...args: Parameters<typeof failed>): never {
  throw new ExpressionFault(failed(...args).error);
}

function renderNode(node: TemplateNode, lookup: RootLookup, budget: Budget): Json {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'text':
      return renderText(node.parts, lookup, budget);
    case 'list':
      return node.items.map((item) => renderNode(item, lookup, budget));
    case 'object':
      // fromEntries defines members: `__proto__` becomes a plain one.
      return Object.fromEntries(
        node.members.map(([name, child]) => [name, renderNode(child, lookup, budget)]),
      );
  }
}

function renderText(parts: readonly TextPart[], lookup: RootLookup, budget: Budget): Json {
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'object') return yieldOf(only, lookup, budget);
  return parts
    .map((part) => (typeof part === 'string' ? part : asText(yieldOf(part, lookup, budget))))
    .join('');
}

function asText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function yieldOf(expression: Expression, lookup: RootLookup, budget: Budget): Json {
  if (expression.kind === 'blank') return '';
  if (expression.kind === 'secret') return expression.source;
  const path = expression.kind === 'path' ? expression.path : pathOf(expression, lookup, budget);
  const value = valueAt(path, expression.source, lookup);
  const measured = measureJson(value, { maxSize: budget.left, maxDepth: TEMPLATE_BOUNDS.maxDepth });
  if (!measured.ok) {
    return raise('JN_EXPR_TOO_LARGE', { expression: expression.source, limit: budget.limit });
  }
  budget.left -= measured.size;
  return value;
}

function pathOf(
  expression: Expression & { kind: 'nested' },
  lookup: RootLookup,
  budget: Budget,
): Path {
  const parsed = parsePath(asText(renderText(expression.parts, lookup, budget)));
  if (parsed.ok) return parsed.path;
  return raise('JN_EXPR_SYNTAX', { expression: expression.source, problem: parsed.problem });
}

function valueAt(path: Path, expression: string, lookup: RootLookup): Json {
  const segments = path.members.slice(0, 1);
  const answer = lookup(path.root, segments);
  if ('missing' in answer) {
    return raise('JN_EXPR_NOT_LOADED', { expression, root: [path.root, ...segments].join('.') });
  }
  const start = answer.found ? answer.value : undefined;
  let value = start === undefined ? undefined : stepInto(start, path.members.slice(1));
  if (value !== undefined) value = stepInto(value, path.steps);
  if (path.query !== null) {
    const result = path.query.run(value);
    if (!result.ok) return raise('JN_EXPR_SYNTAX', { expression, problem: result.problem });
    value = result.value;
  }
  if (!path.isLength) return value ?? null;
  return path.query?.isDefinite === false ? lengthsOf(value) : lengthOf(value);
}
