import { JSONPathEnvironment, type JSONPathQuery, jsonpath } from 'json-p3';
import type { Json } from '../run/json.ts';
import { runQuery } from './run-query.ts';

/** What the general part of a path yields: one place, or a list of places. */
export type QueryResult =
  | { readonly ok: true; readonly value: Json | undefined }
  | { readonly ok: false; readonly problem: string };

/** The part of a path that needs wildcards, slices, filters or a deep scan. */
export interface CompiledQuery {
  /** Undefined: the document itself is not there. */
  readonly run: (value: Json | undefined) => QueryResult;
  /** Yields one place at most, and not a list. */
  readonly isDefinite: boolean;
}

const { FilterSelector, IndexSelector, NameSelector, SliceSelector } = jsonpath.selectors;
const { FilterQuery, InfixExpression, LogicalExpression } = jsonpath.expressions;
const { PrefixExpression, RelativeQuery } = jsonpath.expressions;

/**
 * Compiles what RFC 9535 and Jayway JsonPath 2.9 have in common; it yields what Jayway yields where they differ. In
 * one bracket stand several names, several indexes, or one selector of another kind; a filter compares only what lies
 * at a fixed place below the item; there are no regular expressions, no functions and no slices with a step. Anything
 * else is refused with the reason.
 */
export function compileQuery(
  text: string,
): { readonly ok: true; readonly query: CompiledQuery } | { readonly ok: false; problem: string } {
  try {
    const parsed = environment.compile(text);
    const problem = problemOf(parsed);
    if (problem !== null) return { ok: false, problem };
    const isDefinite = yieldsOne(parsed);
    return { ok: true, query: { run: (value) => runQuery(parsed, value, isDefinite), isDefinite } };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

const environment = new JSONPathEnvironment();
// Patterns come from users and can take exponential time; Jayway's other functions have another syntax.
environment.functionRegister.clear();

function problemOf(query: JSONPathQuery): string | null {
  for (const { selectors } of query.segments) {
    const areNames = selectors.every((each) => each instanceof NameSelector);
    const areIndexes = selectors.every((each) => each instanceof IndexSelector);
    if (selectors.length > 1 && !areNames && !areIndexes) {
      return 'combines selectors in one bracket';
    }
    for (const selector of selectors) {
      const hasStep = selector instanceof SliceSelector && selector.step !== undefined;
      if (hasStep) return 'has a slice with a step';
      const isFilter = selector instanceof FilterSelector;
      const problem = isFilter ? filterProblem(selector.expression) : null;
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
  if (!(expression instanceof FilterQuery)) return null;
  const isCheap = expression instanceof RelativeQuery && expression.path.singularQuery();
  return isCheap ? null : 'has a filter that looks beyond a fixed place below the item (@)';
}

// Several names at the end make one object of them.
function yieldsOne(query: JSONPathQuery): boolean {
  const before = query.segments.slice(0, -1);
  const last = query.segments.at(-1);
  const areNames = last?.selectors.every((each) => each instanceof NameSelector) ?? false;
  const isNamesOfOne = areNames && !String(last).startsWith('..');
  if (!isNamesOfOne) return query.singularQuery();
  return before.every(
    (segment) =>
      !String(segment).startsWith('..') &&
      segment.selectors.length === 1 &&
      isPlace(segment.selectors[0]),
  );
}

function isPlace(selector: unknown): boolean {
  return selector instanceof NameSelector || selector instanceof IndexSelector;
}
