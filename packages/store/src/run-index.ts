import type { RunEntry, RunId } from '@joinery/core';

/*
 * The port of the index over runs: what searches read. It lies apart from the runs, in slots of its own, and nothing in
 * it is true by itself: an entry is what the run's record was when somebody last looked. Marks of the store (`moved`)
 * tell what is to be looked at again.
 */

/** Runs that are found together. `all` has one set, whose value is empty. */
export interface RunSet {
  readonly kind: 'all' | 'definition' | 'status' | 'definition-status' | 'correlation' | 'parent';
  readonly value: string;
}

/** What the index holds of a run. */
export interface IndexedRun {
  readonly entry: RunEntry | null;
  /** Names this very entry to `put`. */
  readonly seen: string;
}

/** What the index is to hold of a run from now on. */
export interface IndexChange {
  readonly runId: RunId;
  /** As it was before the run was looked at: whoever has looked later is not overwritten. */
  readonly seen: string;
  /** Null = the run is gone. */
  readonly entry: RunEntry | null;
}

/** A stretch of a set in the order of beginnings, run ids breaking ties. */
export interface RunSpan {
  /** Moments of the beginning, ms since epoch, both included. */
  readonly from: number;
  readonly to: number;
  readonly isDescending: boolean;
  /** Only what comes after this place; null = from the end on. */
  readonly after: string | null;
}

/** Entries in their order; `next` = the place after which there may be more, null = there is nothing more. */
export interface RunPage {
  readonly entries: readonly RunEntry[];
  readonly next: string | null;
}

/** The index over runs, partition by partition. */
export interface RunIndex {
  readonly partitions: number;
  /** What it holds of these runs, in their order. */
  look(partition: number, runIds: readonly RunId[]): Promise<readonly IndexedRun[]>;
  /** Changes what it holds; false = somebody else has changed that entry since. Repeating a change changes nothing. */
  put(partition: number, changes: readonly IndexChange[]): Promise<readonly boolean[]>;
  /** Runs of a set in a span; `after` counts. */
  count(partition: number, set: RunSet, span: RunSpan): Promise<number>;
  page(partition: number, set: RunSet, span: RunSpan, limit: number): Promise<RunPage>;
  /** Every entry once or more often, in no order, some at a time; `cursor` null = the first ones. */
  scan(
    partition: number,
    cursor: string | null,
  ): Promise<{ readonly runIds: readonly RunId[]; readonly cursor: string | null }>;
  /** Forgets everything. */
  clear(): Promise<void>;
}

/** Sets that an entry is found in. */
export function runSetsOf(entry: RunEntry): readonly RunSet[] {
  const { definition, status, correlationId, parentId } = entry;
  return [
    { kind: 'all', value: '' },
    { kind: 'definition', value: definition },
    { kind: 'status', value: status },
    { kind: 'definition-status', value: definitionStatus(definition, status) },
    ...(correlationId === '' ? [] : [{ kind: 'correlation', value: correlationId } as const]),
    ...(parentId === '' ? [] : [{ kind: 'parent', value: parentId } as const]),
  ];
}

/** The value of a set of runs of one definition and one status. */
export function definitionStatus(definition: string, status: string): string {
  return `${status}:${definition}`;
}

/** Digits of a moment: enough for the next 3,000 years, and the same for all, so that texts sort like moments. */
const MOMENT_DIGITS = 14;

/** The place of a run in every set: texts that sort by beginning, then by id. */
export function placeOf({ createdAt, runId }: Pick<RunEntry, 'createdAt' | 'runId'>): string {
  return momentText(createdAt) + runId;
}

/** The beginning of all places of a moment. */
export function momentText(moment: number): string {
  const latest = 10 ** MOMENT_DIGITS - 1;
  const bounded = Math.min(Math.max(Math.floor(moment), 0), latest);
  return String(bounded).padStart(MOMENT_DIGITS, '0');
}
