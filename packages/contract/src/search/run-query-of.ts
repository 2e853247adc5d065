import { type RunCondition, type RunField, type RunOrder, type RunQuery } from '@joinery/core';
import { type Bound, parseQuery, type QueryTerm } from './parse-query.ts';
import { invalidQuery } from './query-tokens.ts';

/** What Conductor's clients ask for; texts as they stand in the request, empty = absent. */
export interface SearchText {
  readonly query: string;
  /** Words; `*` = any. */
  readonly freeText: string;
  /** `field:ASC` or `field:DESC`. */
  readonly sort: string;
}

/** Fields of runs by Conductor's names for them. */
const FIELDS: ReadonlyMap<string, RunField> = new Map<string, RunField>([
  ['workflowId', 'runId'],
  ['workflowType', 'definition'],
  ['workflowName', 'definition'],
  ['version', 'definitionVersion'],
  ['status', 'status'],
  ['correlationId', 'correlationId'],
  ['idempotencyKey', 'idempotencyKey'],
  ['parentWorkflowId', 'parentId'],
  ['priority', 'priority'],
  ['startTime', 'createdAt'],
  ['createTime', 'createdAt'],
  ['updateTime', 'updatedAt'],
  ['endTime', 'endedAt'],
  ['reasonForIncompletion', 'reason'],
]);

/** Fields that runs do not have: asking for one of these finds nothing. */
const EMPTY_FIELDS: ReadonlySet<string> = new Set([
  'scheduleName',
  'classifier',
  'event',
  'externalInputPayloadStoragePath',
]);

const NUMBERS: ReadonlySet<RunField> = new Set<RunField>([
  'definitionVersion',
  'priority',
  'createdAt',
  'updatedAt',
  'endedAt',
]);

/** Newest first, as lists of runs are. */
const DEFAULT_ORDER: RunOrder = { field: 'createdAt', isDescending: true };

/** What a search for runs wants. Throws JN_REQUEST_INVALID for one that cannot be answered. */
export function runQueryOf(search: SearchText): RunQuery {
  return {
    conditions: parseQuery(search.query).map(runConditionOf),
    words: wordsOf(search.freeText),
    order: orderOf(search.sort),
  };
}

/** True for a field that runs have, or that Conductor's have. */
export function isRunField(name: string): boolean {
  return FIELDS.has(name) || EMPTY_FIELDS.has(name);
}

/** The condition of a term on a field of runs. */
export function runConditionOf(term: QueryTerm): RunCondition {
  if (EMPTY_FIELDS.has(term.field)) return { type: 'never' };
  const field = FIELDS.get(term.field);
  if (field === undefined) throw invalidQuery(`\`${term.field.slice(0, 40)}\` is no field of runs`);
  return conditionOn(field, term);
}

function conditionOn(field: RunField, { field: name, test }: QueryTerm): RunCondition {
  if (test.type === 'between') {
    if (!NUMBERS.has(field)) throw invalidQuery(`${name} has no order: ask for = or IN`);
    const { from, to } = test;
    return { type: 'between', field, from: boundOf(from, 1, name), to: boundOf(to, -1, name) };
  }
  const isNumber = NUMBERS.has(field);
  // Moments that are not there yet are 0.
  const values = test.values.map((value) => (isNumber ? numberText(value, name) : value));
  const condition: RunCondition = { type: 'one-of', field, values };
  return test.isNot ? { type: 'not', of: condition } : condition;
}

function numberText(value: string, name: string): string {
  return value === '' || value === '*' ? value || '0' : String(numberOf(value, name));
}

/** The nearest whole number inside: all that is ordered here are whole numbers. */
function boundOf(bound: Bound | null, inwards: 1 | -1, name: string): number | null {
  if (bound === null) return null;
  const value = numberOf(bound.value, name);
  if (!Number.isInteger(value)) return inwards === 1 ? Math.ceil(value) : Math.floor(value);
  return bound.isIncluded ? value : value + inwards;
}

/** A number, or a moment as ISO 8601 writes it. */
function numberOf(text: string, name: string): number {
  const value = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(value)) throw invalidQuery(`${name} is compared with a number or a moment`);
  return value;
}

function wordsOf(freeText: string): readonly string[] {
  const words = freeText.split(/\s+/).map((word) => word.replaceAll(/^\*+|\*+$/g, ''));
  return words.filter((word) => word !== '');
}

function orderOf(sort: string): RunOrder {
  if (sort === '') return DEFAULT_ORDER;
  const [name = '', direction = 'ASC'] = sort.split(':');
  const field = FIELDS.get(name);
  if (field === undefined || !/^(?:ASC|DESC)$/i.test(direction)) {
    throw invalidQuery(`sort ${sort.slice(0, 100)} is not \`field:ASC\` or \`field:DESC\``);
  }
  return { field, isDescending: direction.toUpperCase() === 'DESC' };
}
