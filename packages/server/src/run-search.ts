/*
 * Search over the newest runs: Conductor's query language on what the store's list says of a run. Derived indexes will
 * take its place; until then a search looks at the newest SCAN_LIMIT runs and no further.
 */
import { type ListedRun } from '@joinery/contract';
import { joineryError } from '@joinery/core';

/** Runs that one search looks at. */
export const SCAN_LIMIT = 1_000;

/** What is looked for; texts as they stand in the query. */
export interface RunSearch {
  readonly query: string;
  readonly freeText: string;
  /** `field:ASC` or `field:DESC`. */
  readonly sort: string;
}

type Test = (run: ListedRun) => boolean;
type Field = (run: ListedRun) => string | number;

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ['workflowId', (run) => run.runId],
  ['workflowType', (run) => run.definition],
  ['version', (run) => run.version],
  ['status', (run) => run.status],
  ['startTime', (run) => run.createdAt],
  ['endTime', (run) => run.endedAt],
]);

/** Runs have no schedule and no parent yet: asking for one of these finds nothing. */
const EMPTY_FIELDS: ReadonlySet<string> = new Set(['scheduleName', 'parentWorkflowId']);

const CONDITION = /^\s*(\w+)\s*(=|>|<|\bIN\b)\s*(\([^)]*\)|"[^"]*"|'[^']*'|[^\s()"']+)\s*$/i;

/** The runs that match, sorted. Throws JN_REQUEST_INVALID for a query that cannot be answered. */
export function searchRuns(runs: readonly ListedRun[], search: RunSearch): readonly ListedRun[] {
  const tests = [...testsOf(search.query), freeTextTest(search.freeText)];
  const found = runs.filter((run) => tests.every((test) => test(run)));
  return sorted(found, search.sort);
}

function testsOf(query: string): readonly Test[] {
  if (query.trim() === '' || query.trim() === '*') return [];
  return query.split(/\s+AND\s+/i).map(testOf);
}

function testOf(condition: string): Test {
  const [, name = '', operator = '', text = ''] = CONDITION.exec(condition) ?? [];
  if (EMPTY_FIELDS.has(name)) return () => false;
  const field = FIELDS.get(name);
  if (field === undefined) {
    throw invalid(
      `\`${condition.trim().slice(0, 100)}\` is not \`field = value\` of a known field`,
    );
  }
  if (operator === '>' || operator === '<') {
    const bound = Number(unquoted(text));
    if (Number.isNaN(bound)) throw invalid(`${name} ${operator} needs a number`);
    return (run) => (operator === '>' ? Number(field(run)) > bound : Number(field(run)) < bound);
  }
  const wanted = operator === '=' ? [unquoted(text)] : listOf(text);
  return (run) => wanted.some((value) => matches(String(field(run)), value));
}

function listOf(text: string): readonly string[] {
  return text
    .replace(/^\(|\)$/g, '')
    .split(',')
    .map(unquoted);
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2');
}

/** A `*` at the end stands for anything. */
function matches(value: string, wanted: string): boolean {
  return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
}

function freeTextTest(text: string): Test {
  if (text === '' || text === '*') return () => true;
  const wanted = text.toLowerCase();
  return ({ runId, definition, reason }) =>
    [runId, definition, reason].some((value) => value.toLowerCase().includes(wanted));
}

function sorted(runs: readonly ListedRun[], sort: string): readonly ListedRun[] {
  if (sort === '') return runs;
  const [name = '', direction = 'ASC'] = sort.split(':');
  const field = FIELDS.get(name);
  if (field === undefined || !/^(?:ASC|DESC)$/i.test(direction)) {
    throw invalid(`sort ${sort.slice(0, 100)} is not \`field:ASC\` or \`field:DESC\``);
  }
  const sign = direction.toUpperCase() === 'ASC' ? 1 : -1;
  return runs.toSorted((a, b) => sign * compare(field(a), field(b)));
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function invalid(problem: string): Error {
  return joineryError('JN_REQUEST_INVALID', { what: 'search', problem });
}
