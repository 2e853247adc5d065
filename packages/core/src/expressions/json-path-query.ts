import { JSONPathEnvironment, type JSONPathQuery, type JSONValue, jsonpath } from 'json-p3';
import type { Json } from '../run/json.ts';

/** What the general part of a path yields: one place, or a list of places. */
export type QueryResult =
  | { readonly ok: true; readonly value: Json | undefined }
  | { readonly ok: false; readonly problem: string };

/** The part of a path that needs wildcards, slices, filters or a deep scan. */
export interface CompiledQuery {
  readonly run: (value: Json) => QueryResult;
}

const { FilterSelector, IndexSelector, NameSelector } = jsonpath.selectors;
const { FilterQuery, FunctionExtension, InfixExpression, LogicalExpression } = jsonpath.expressions;
const { PrefixExpression, RelativeQuery } = jsonpath.expressions;

// As deep as a payload may be: a deep scan of a legal payload never meets it.
const MAX_DEPTH = 100;
// A list of this many items is over every payload limit; more would only burn memory.
const MAX_NODES = 200_000;

/**
 * Compiles an RFC 9535 query whose cost is linear in the document: at most one deep scan, one selector
 * per bracket unless all are names or indexes, filters that compare only what lies at a fixed place
 * below the item, and no regular expressions. Anything else is refused with the reason.
 */
export function compileQuery(
  text: string,
): { readonly ok: true; readonly query: CompiledQuery } | { readonly ok: false; problem: string } {
  try {
    const parsed = environment.compile(text);
    const problem = costProblem(parsed);
    if (problem !== null) return { ok: false, problem };
    return { ok: true, query: { run: (value) => runQuery(parsed, value) } };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

const environment = linearEnvironment();

function linearEnvironment(): JSONPathEnvironment {
  const created = new JSONPathEnvironment({ maxRecursionDepth: MAX_DEPTH });
  // Patterns come from users and can take exponential time.
  created.functionRegister.delete('match');
  created.functionRegister.delete('search');
  return created;
}

function runQuery(query: JSONPathQuery, value: Json): QueryResult {
  const found: Json[] = [];
  try {
    for (const node of query.lazyQuery(toMutable(value))) {
      found.push(fromMutable(node.value));
      if (found.length > MAX_NODES) return { ok: false, problem: 'matches too many places' };
    }
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
  return { ok: true, value: query.singularQuery() ? found[0] : found };
}

function costProblem(query: JSONPathQuery): string | null {
  let scans = 0;
  for (const segment of query.segments) {
    if (segment.toString().startsWith('..')) scans += 1;
    if (scans > 1) return 'has more than one deep scan (..)';
    const isPlain = segment.selectors.every(
      (each) => each instanceof NameSelector || each instanceof IndexSelector,
    );
    if (segment.selectors.length > 1 && !isPlain) return 'combines selectors in one bracket';
    for (const selector of segment.selectors) {
      if (!(selector instanceof FilterSelector)) continue;
      const problem = filterProblem(selector.expression);
      if (problem !== null) return problem;
    }
  }
  return null;
}

function filterProblem(expression: object): string | null {
  if (expression instanceof LogicalExpression) return filterProblem(expression.expression);
  if (expression instanceof PrefixExpression) return filterProblem(expression.right);
  if (expression instanceof InfixExpression) {
    return filterProblem(expression.left) ?? filterProblem(expression.right);
  }
  if (expression instanceof FunctionExtension) {
    return expression.args.map(filterProblem).find((problem) => problem !== null) ?? null;
  }
  if (!(expression instanceof FilterQuery)) return null;
  const isCheap = expression instanceof RelativeQuery && expression.path.singularQuery();
  return isCheap ? null : 'has a filter that looks beyond a fixed place below the item (@)';
}

// The library's type lacks `readonly`; it never writes to what it reads.
function toMutable(value: Json): JSONValue;
function toMutable(value: unknown): unknown {
  return value;
}

function fromMutable(value: JSONValue): Json;
function fromMutable(value: unknown): unknown {
  return value;
}
