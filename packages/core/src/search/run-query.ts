import type { RunEntry } from './run-entry.ts';

/** A field of an entry by which runs are found and sorted. */
export type RunField = keyof RunEntry;

/** One condition; all of a query must hold. */
export type RunCondition =
  /** One of these texts; a `*` at the end of one stands for anything. */
  | { readonly type: 'one-of'; readonly field: RunField; readonly values: readonly string[] }
  /** A number in the range, its ends included; null = no end. */
  | {
      readonly type: 'between';
      readonly field: RunField;
      readonly from: number | null;
      readonly to: number | null;
    }
  | { readonly type: 'not'; readonly of: RunCondition }
  /** What is known of no run. */
  | { readonly type: 'never' };

/** In which order runs are found; equal ones by run id. */
export interface RunOrder {
  readonly field: RunField;
  readonly isDescending: boolean;
}

/** Which runs are wanted, and in which order. */
export interface RunQuery {
  readonly conditions: readonly RunCondition[];
  /** Words that stand in the run's id, definition, correlation id, idempotency key or reason, each somewhere. */
  readonly words: readonly string[];
  readonly order: RunOrder;
}

/** Where free text is looked for. */
const TEXT_FIELDS = ['runId', 'definition', 'correlationId', 'idempotencyKey', 'reason'] as const;

/** Whether a run is among those that a query wants. */
export function matchesRun(
  entry: RunEntry,
  { conditions, words }: Pick<RunQuery, 'conditions' | 'words'>,
): boolean {
  return (
    conditions.every((condition) => holds(entry, condition)) &&
    words.every((word) => hasWord(entry, word.toLowerCase()))
  );
}

function holds(entry: RunEntry, condition: RunCondition): boolean {
  switch (condition.type) {
    case 'one-of':
      return condition.values.some((value) => isLike(String(entry[condition.field]), value));
    case 'between': {
      const value = Number(entry[condition.field]);
      const { from, to } = condition;
      return (from === null || value >= from) && (to === null || value <= to);
    }
    case 'not':
      return !holds(entry, condition.of);
    case 'never':
      return false;
  }
}

function isLike(text: string, wanted: string): boolean {
  return wanted.endsWith('*') ? text.startsWith(wanted.slice(0, -1)) : text === wanted;
}

function hasWord(entry: RunEntry, word: string): boolean {
  return TEXT_FIELDS.some((field) => entry[field].toLowerCase().includes(word));
}

/** Below 0 when the first comes first. Numbers by size, texts by their code units. */
export function compareRuns(a: RunEntry, b: RunEntry, { field, isDescending }: RunOrder): number {
  const difference = compare(a[field], b[field]) || compare(a.runId, b.runId);
  return isDescending ? -difference : difference;
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
