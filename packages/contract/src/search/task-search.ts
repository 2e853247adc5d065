import { type RunQuery } from '@joinery/core';
import { type ConductorTask } from '../conductor-task.ts';
import { type Bound, parseQuery, type QueryTerm } from './parse-query.ts';
import { invalidQuery } from './query-tokens.ts';
import { runConditionOf, type SearchText } from './run-query-of.ts';

/** What a search for tasks wants: in which runs, and which of their tasks. */
export interface TaskSearch {
  readonly runs: RunQuery;
  readonly isWanted: (task: ConductorTask) => boolean;
  readonly compare: (a: ConductorTask, b: ConductorTask) => number;
}

type Read = (task: ConductorTask) => string | number;

/** Fields that say in which runs to look. Their status is asked for by nobody: here `status` is the task's. */
const RUN_FIELDS: ReadonlySet<string> = new Set([
  'workflowId',
  'workflowType',
  'correlationId',
  'parentWorkflowId',
  'scheduleName',
]);

const FIELDS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['taskId', (task) => task.taskId],
  ['taskType', (task) => task.taskType],
  ['taskDefName', (task) => task.taskDefName],
  ['taskName', (task) => task.taskDefName],
  ['referenceTaskName', (task) => task.referenceTaskName],
  ['status', (task) => task.status],
  ['workerId', (task) => task.workerId ?? ''],
  ['reasonForIncompletion', (task) => task.reasonForIncompletion ?? ''],
  ['retryCount', (task) => task.retryCount],
  ['scheduledTime', (task) => task.scheduledTime],
  ['scheduleTime', (task) => task.scheduledTime],
  ['startTime', (task) => task.startTime],
  ['updateTime', (task) => task.updateTime],
  ['endTime', (task) => task.endTime],
]);

/** What a search for tasks wants. Throws JN_REQUEST_INVALID for one that cannot be answered. */
export function taskSearchOf({ query, freeText, sort }: SearchText): TaskSearch {
  const terms = parseQuery(query);
  const conditions = terms.filter(isOfRun).map(runConditionOf);
  const tests = terms.filter((term) => !isOfRun(term)).map(testOf);
  const words = freeText
    .split(/\s+/)
    .map((word) => word.replaceAll('*', '').toLowerCase())
    .filter((word) => word !== '');
  return {
    runs: { conditions, words: [], order: { field: 'createdAt', isDescending: true } },
    isWanted: (task) =>
      tests.every((test) => test(task)) && words.every((word) => hasWord(task, word)),
    compare: comparisonOf(sort),
  };
}

function isOfRun({ field }: QueryTerm): boolean {
  return RUN_FIELDS.has(field);
}

function readerOf(name: string): Read {
  const read = FIELDS.get(name);
  if (read === undefined) throw invalidQuery(`\`${name.slice(0, 40)}\` is no field of tasks`);
  return read;
}

function testOf({ field, test }: QueryTerm): (task: ConductorTask) => boolean {
  const read = readerOf(field);
  if (test.type === 'one-of') {
    const { values, isNot } = test;
    return (task) => values.some((wanted) => isLike(String(read(task)), wanted)) !== isNot;
  }
  const [from, to] = [numberOf(test.from, -Infinity), numberOf(test.to, Infinity)];
  const isFrom = test.from?.isIncluded !== false;
  const isTo = test.to?.isIncluded !== false;
  return (task) => {
    const value = Number(read(task));
    return (value > from || (isFrom && value === from)) && (value < to || (isTo && value === to));
  };
}

function numberOf(bound: Bound | null, unbounded: number): number {
  if (bound === null) return unbounded;
  const { value: text } = bound;
  const value = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(value)) throw invalidQuery(`\`${text.slice(0, 40)}\` is no number or moment`);
  return value;
}

function isLike(text: string, wanted: string): boolean {
  return wanted.endsWith('*') ? text.startsWith(wanted.slice(0, -1)) : text === wanted;
}

function hasWord(task: ConductorTask, word: string): boolean {
  const { taskId, taskDefName, referenceTaskName, workflowType, reasonForIncompletion } = task;
  const texts = [taskId, taskDefName, referenceTaskName, workflowType, reasonForIncompletion ?? ''];
  return texts.some((text) => text.toLowerCase().includes(word));
}

/** Nothing said: newest runs first, and in each the order of its tasks. */
function comparisonOf(sort: string): TaskSearch['compare'] {
  if (sort === '') return () => 0;
  const [name = '', direction = 'ASC'] = sort.split(':');
  if (!/^(?:ASC|DESC)$/i.test(direction)) throw invalidQuery(`sort ${sort.slice(0, 100)}`);
  const read = readerOf(name);
  const sign = direction.toUpperCase() === 'ASC' ? 1 : -1;
  return (a, b) => {
    const [left, right] = [read(a), read(b)];
    if (left === right) return 0;
    return left < right ? -sign : sign;
  };
}
