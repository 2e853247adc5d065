import { isJsonObject, type Json } from '../run/json.ts';
import { compileQuery, type CompiledQuery } from './json-path-query.ts';

/** The parsed inside of `${…}`. */
export interface Path {
  /** The text as written. */
  readonly source: string;
  /** `workflow`, a task reference or another name: the document that is read. */
  readonly root: string;
  /** The leading plain member names: `output`, `x` in `t.output.x[0].y`. */
  readonly members: readonly string[];
  /** The steps after `members` that are still plain: names and indexes. */
  readonly steps: readonly (string | number)[];
  /** The rest, when it is not plain. */
  readonly query: CompiledQuery | null;
  /** Ends with `.length()` or `.size()`. */
  readonly isLength: boolean;
}

/** A path, or why the text is none. */
export type ParsedPath =
  | { readonly ok: true; readonly path: Path }
  | { readonly ok: false; readonly problem: string };

// Longer than any path that a person writes; bounds what a data-made path can cost.
const MAX_PATH = 2_000;
// One page of definitions' worth of paths; a wrong size costs parsing again, nothing else.
const CACHE_SIZE = 2_000;
const cache = new Map<string, ParsedPath>();

/** Parses the inside of `${…}`; pure, remembers the last results. */
export function parsePath(source: string): ParsedPath {
  const known = cache.get(source);
  if (known !== undefined) return known;
  const parsed = parseNew(source);
  if (source.length > MAX_PATH) return parsed;
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(source, parsed);
  return parsed;
}

const NAME = String.raw`[^.[\](){}*'"?,\s](?:[^.[\](){}*'"?,]*[^.[\](){}*'"?,\s])?`;
const ROOT = new RegExp(`^${NAME}`);
const MEMBER = new RegExp(String.raw`\.(${NAME})(?!\()`, 'y');
const BRACKET = /\[\s*(?:(-?\d{1,9})|'([^'\\]*)'|"([^"\\]*)")\s*\]/y;
const LENGTH = /\.(?:length|size)\(\)$/;

function parseNew(source: string): ParsedPath {
  if (source.length > MAX_PATH) return { ok: false, problem: `is longer than ${MAX_PATH}` };
  const isLength = LENGTH.test(source);
  const text = source.replace(LENGTH, '').trim();
  const root = ROOT.exec(text)?.[0];
  if (root === undefined) return { ok: false, problem: 'does not begin with a name' };
  const { steps, end } = plainSteps(text, root.length);
  const firstOther = steps.findIndex((step) => typeof step === 'number');
  const members = steps.slice(0, firstOther < 0 ? steps.length : firstOther);
  const path = {
    source,
    root,
    members: members.filter((step) => typeof step === 'string'),
    steps: steps.slice(members.length),
    isLength,
  };
  if (end === text.length) return { ok: true, path: { ...path, query: null } };
  const standard = standardQuery(text.slice(end));
  if (standard === null) return { ok: false, problem: `cannot be read from ${text.slice(end)}` };
  const compiled = compileQuery(standard);
  if (!compiled.ok) return compiled;
  return { ok: true, path: { ...path, query: compiled.query } };
}

function plainSteps(text: string, from: number): { steps: (string | number)[]; end: number } {
  const steps: (string | number)[] = [];
  let end = from;
  for (;;) {
    MEMBER.lastIndex = end;
    const member = MEMBER.exec(text);
    BRACKET.lastIndex = end;
    const bracket = member ?? BRACKET.exec(text);
    if (bracket === null) return { steps, end };
    end += bracket[0].length;
    if (member === null && bracket[1] !== undefined) steps.push(Number(bracket[1]));
    else steps.push(bracket[1] ?? bracket[2] ?? bracket[3] ?? '');
  }
}

const SEGMENT = new RegExp(String.raw`(\.\.?)(?:(\*)|(${NAME})(?!\())|(\.\.)?(?=\[)`, 'y');

/** Rewrites the rest of a path as RFC 9535, whose plain names are narrower than Conductor's. */
function standardQuery(rest: string): string | null {
  let query = '$';
  let at = 0;
  while (at < rest.length) {
    SEGMENT.lastIndex = at;
    const segment = SEGMENT.exec(rest);
    if (segment === null) return null;
    const [whole, dots, star, name, scan] = segment;
    at += whole.length;
    const prefix = dots === '..' || scan !== undefined ? '..' : '';
    if (dots !== undefined) {
      query += `${prefix}[${star ?? JSON.stringify(name)}]`;
      continue;
    }
    const close = closingBracket(rest, at);
    if (close < 0) return null;
    query += prefix + rest.slice(at, close + 1);
    at = close + 1;
  }
  return query;
}

/** Index of the bracket that closes the one at `open`, quotes respected; -1 when none does. */
function closingBracket(text: string, open: number): number {
  let depth = 0;
  let quote = '';
  for (let at = open; at < text.length; at += 1) {
    const char = text[at];
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === "'" || char === '"') quote = char;
    else if (char === '[') depth += 1;
    else if (char === ']') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

/** What lies at the plain steps; undefined when nothing does. Own properties only. */
export function stepInto(value: Json, steps: readonly (string | number)[]): Json | undefined {
  let here: Json | undefined = value;
  for (const step of steps) {
    if (here === undefined) return undefined;
    if (typeof step === 'string') {
      here = isJsonObject(here) && Object.hasOwn(here, step) ? here[step] : undefined;
    } else {
      here = isList(here) ? here.at(step) : undefined;
    }
  }
  return here;
}

/** Number of items of a list or members of an object; null for anything else, as in Conductor. */
export function lengthOf(value: Json | undefined): Json {
  if (isList(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : null;
}

/** The length of each place that a query yields. */
export function lengthsOf(found: Json | undefined): Json {
  return isList(found) ? found.map((each) => lengthOf(each)) : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
