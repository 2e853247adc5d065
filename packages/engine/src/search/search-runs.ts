/*
 * Answers queries from the index. The narrowest sets that hold all that is wanted are walked in the order of beginnings;
 * what the sets do not say is tested entry by entry. A search by run id does without the index, and so is never behind.
 */
import {
  compareRuns,
  matchesRun,
  parseRunId,
  type RunCondition,
  type RunEntry,
  type RunQuery,
} from '@joinery/core';
import { placeOf, type RunSpan } from '@joinery/store';
import { entriesOf, type IndexPorts } from './index-runs.ts';
import { countSets, smallestCover } from './run-sets.ts';
import { type RunWalk, walkRuns } from './walk-runs.ts';

/** Entries that one search looks at: two or three seconds of work. */
export const LOOK_LIMIT = 100_000;

/** Entries read at once where all of a set is walked. */
const PAGE_SIZE = 500;

/** What a search answers. */
export interface FoundRuns {
  readonly entries: readonly RunEntry[];
  /** Runs that match, wherever they stand in the order. */
  readonly total: number;
  /** False: the search stopped after LOOK_LIMIT runs, and there may be more. */
  readonly isTotalExact: boolean;
}

/** Runs that match, from the `start`-th on, at most `size`. */
export async function searchRuns(
  ports: IndexPorts,
  query: RunQuery,
  { start, size }: { readonly start: number; readonly size: number },
): Promise<FoundRuns> {
  const named = await findNamed(ports, query);
  if (named !== null) return pageOf(named.toSorted(orderOf(query)), { start, size });
  const { walk, left } = await planWalk(ports, query, null);
  const isInOrder = query.order.field === 'createdAt';
  if (isInOrder && left.length === 0 && query.words.length === 0) {
    const total = await countSets(ports.index, walk.sets, walk.span);
    const pageSize = Math.min(PAGE_SIZE, Math.max(start + size, 1));
    const entries = await take(walkRuns(ports.index, { ...walk, pageSize }), start, size);
    return { entries, total, isTotalExact: true };
  }
  const wanted = { conditions: left, words: query.words };
  const matches: RunEntry[] = [];
  let looked = 0;
  for await (const entry of walkRuns(ports.index, walk)) {
    looked += 1;
    if (looked > LOOK_LIMIT) break;
    if (matchesRun(entry, wanted)) matches.push(entry);
  }
  const ordered = isInOrder ? matches : matches.toSorted(orderOf(query));
  return { ...pageOf(ordered, { start, size }), isTotalExact: looked <= LOOK_LIMIT };
}

/** Runs of a list, and where it goes on. */
export interface ListedRuns {
  readonly entries: readonly RunEntry[];
  /** To be given back for what comes next; null = that was all. */
  readonly next: string | null;
}

/**
 * Runs that match in the order of their beginnings (the query's order says only which way round), after a place that an
 * earlier page named. Costs the same wherever the page is; a page may have fewer than `size` entries and yet a next one.
 */
export async function listRunsAfter(
  ports: IndexPorts,
  query: RunQuery,
  { after, size }: { readonly after: string | null; readonly size: number },
): Promise<ListedRuns> {
  const { walk, left } = await planWalk(ports, query, after);
  const wanted = { conditions: left, words: query.words };
  const isTested = left.length > 0 || query.words.length > 0;
  const pageSize = isTested ? PAGE_SIZE : Math.min(PAGE_SIZE, size + 1);
  const entries: RunEntry[] = [];
  let looked = 0;
  let last: RunEntry | undefined;
  for await (const entry of walkRuns(ports.index, { ...walk, pageSize })) {
    if (entries.length === size || looked === LOOK_LIMIT) {
      return { entries, next: last === undefined ? null : placeOf(last) };
    }
    looked += 1;
    last = entry;
    if (matchesRun(entry, wanted)) entries.push(entry);
  }
  return { entries, next: null };
}

/** Runs that a query names by id, as they are now; null = it names none. */
async function findNamed(
  { store }: IndexPorts,
  query: RunQuery,
): Promise<readonly RunEntry[] | null> {
  const named = query.conditions.find(
    (each) => each.type === 'one-of' && each.field === 'runId' && !each.values.some(isOpen),
  );
  if (named?.type !== 'one-of') return null;
  const runIds = [...new Set(named.values)].flatMap((text) => parseRunId(text) ?? []);
  const entries = await entriesOf(store, runIds);
  return entries.flatMap((entry) => (entry && matchesRun(entry, query) ? [entry] : []));
}

function isOpen(value: string): boolean {
  return value.endsWith('*');
}

async function planWalk(
  { index }: IndexPorts,
  { conditions, order }: RunQuery,
  after: string | null,
): Promise<{ readonly walk: RunWalk; readonly left: readonly RunCondition[] }> {
  const span = { ...spanOf(conditions), isDescending: isBackwards(order), after };
  const { sets, covered } = await smallestCover(index, conditions, span);
  const left = conditions.filter((each) => !covered.has(each) && !isBeginning(each));
  return { walk: { sets, span, pageSize: PAGE_SIZE }, left };
}

/** Sorted otherwise, the newest are looked at first: of too many, they are what is wanted. */
function isBackwards({ field, isDescending }: RunQuery['order']): boolean {
  return field !== 'createdAt' || isDescending;
}

/** When the runs that are wanted have begun. */
function spanOf(conditions: readonly RunCondition[]): Pick<RunSpan, 'from' | 'to'> {
  let [from, to] = [0, Number.MAX_SAFE_INTEGER - 1];
  for (const condition of conditions) {
    if (!isBeginning(condition)) continue;
    from = Math.max(from, condition.from ?? from);
    to = Math.min(to, condition.to ?? to);
  }
  return { from, to };
}

function isBeginning(
  condition: RunCondition,
): condition is Extract<RunCondition, { type: 'between' }> {
  return condition.type === 'between' && condition.field === 'createdAt';
}

function orderOf({ order }: RunQuery): (a: RunEntry, b: RunEntry) => number {
  return (a, b) => compareRuns(a, b, order);
}

function pageOf(
  ordered: readonly RunEntry[],
  { start, size }: { readonly start: number; readonly size: number },
): FoundRuns {
  const entries = ordered.slice(start, start + size);
  return { entries, total: ordered.length, isTotalExact: true };
}

async function take(
  entries: AsyncIterable<RunEntry>,
  start: number,
  size: number,
): Promise<readonly RunEntry[]> {
  const taken: RunEntry[] = [];
  let at = 0;
  if (size === 0) return taken;
  for await (const entry of entries) {
    if (at >= start) taken.push(entry);
    at += 1;
    if (taken.length === size) break;
  }
  return taken;
}
