import { type JSONPathQuery, jsonpath } from 'json-p3';
import { isJsonObject, type Json, type JsonObject } from '../run/json.ts';
import { isMatch } from './filter-match.ts';
import type { QueryResult } from './json-path-query.ts';
import { TooManyPlaces, VisitBudget } from './visit-budget.ts';

/*
 * Evaluates a parsed query with Jayway JsonPath's results (2.9, as Conductor 3.30 configures it):
 *  - several names at the end of a path yield one object of those that are there; below a deep scan, of all of them;
 *  - a filter on an object tests the object itself, and a deep scan with a filter yields the objects that pass it;
 *  - what is not there is left out of a list.
 * Slices with ends of different signs follow RFC 9535 (Jayway yields nothing for `[1:-1]`), and so does a step below
 * `..[0]` (Jayway forgets the index). Own properties only; costs are counted, so that no path and no data can take long.
 */

const { FilterSelector, IndexSelector, NameSelector, SliceSelector } = jsonpath.selectors;

type Segment = JSONPathQuery['segments'][number];
type Selector = Segment['selectors'][number];

/** What the query yields on a value: a list, or for a definite one the only place. */
export function runQuery(
  query: JSONPathQuery,
  value: Json | undefined,
  isDefinite: boolean,
): QueryResult {
  const budget = new VisitBudget();
  try {
    let found: readonly Json[] = value === undefined ? [] : [value];
    for (const [index, segment] of query.segments.entries()) {
      const isLast = index === query.segments.length - 1;
      found = takeSegment(segment, found, isLast, budget);
    }
    return { ok: true, value: isDefinite ? found[0] : found };
  } catch (error) {
    if (!(error instanceof TooManyPlaces)) throw error;
    return { ok: false, problem: error.message };
  }
}

function takeSegment(
  segment: Segment,
  from: readonly Json[],
  isLast: boolean,
  budget: VisitBudget,
): readonly Json[] {
  const isScan = String(segment).startsWith('..');
  const names = segment.selectors.flatMap((each) =>
    each instanceof NameSelector ? each.name : [],
  );
  const isMerged = isLast && names.length > 1;
  const found: Json[] = [];
  const add = (values: readonly Json[]): void => {
    budget.visit(values.length);
    for (const value of values) found.push(value);
  };
  for (const start of from) {
    for (const place of isScan ? containersIn(start, budget) : [start]) {
      if (isMerged) add(mergedNames(place, names, isScan));
      else for (const selector of segment.selectors) add(select(selector, place, isScan, budget));
    }
  }
  return found;
}

/** The value and all lists and objects below it, each before what it holds. */
function containersIn(value: Json, budget: VisitBudget): readonly Json[] {
  const found: Json[] = [];
  const waiting: Json[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    found.push(next);
    const children = childrenOf(next);
    budget.visit(children.length + 1);
    for (const child of children.toReversed()) waiting.push(child);
  }
  return found;
}

function childrenOf(value: Json): readonly Json[] {
  if (isList(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function mergedNames(place: Json, names: readonly string[], needsAll: boolean): readonly Json[] {
  if (!isJsonObject(place)) return [];
  const there = names.filter((name) => Object.hasOwn(place, name));
  if (needsAll && there.length < names.length) return [];
  return [Object.fromEntries(there.map((name) => [name, place[name] ?? null]))];
}

function select(
  selector: Selector,
  place: Json,
  isScan: boolean,
  budget: VisitBudget,
): readonly Json[] {
  if (selector instanceof NameSelector) return isJsonObject(place) ? own(place, selector.name) : [];
  if (selector instanceof FilterSelector) {
    const items = isList(place) ? place : [place];
    const candidates = isScan ? [place].filter((each) => isJsonObject(each)) : items;
    const isFilterable = typeof place === 'object' && place !== null;
    if (!isFilterable) return [];
    budget.visit(candidates.length);
    return candidates.filter((each) => isMatch(selector.expression, each, budget));
  }
  if (selector instanceof IndexSelector) {
    const item = isList(place) ? place.at(selector.index) : undefined;
    return item === undefined ? [] : [item];
  }
  if (selector instanceof SliceSelector) {
    return isList(place) ? place.slice(selector.start, selector.stop) : [];
  }
  return childrenOf(place);
}

function own(object: JsonObject, name: string): readonly Json[] {
  return Object.hasOwn(object, name) ? [object[name] ?? null] : [];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
