import type { RunEntry, RunId } from '@joinery/core';
import { decodeEntry, encodeEntry } from '../entry-codec.ts';
import {
  momentText,
  placeOf,
  type IndexChange,
  type RunIndex,
  type RunSet,
  runSetsOf,
  type RunSpan,
} from '../run-index.ts';

/** The index over runs in memory: every question reads every entry. */
export function createMemoryRunIndex(partitions: number): RunIndex {
  const texts = Array.from({ length: partitions }, () => new Map<RunId, string>());
  const textsOf = (partition: number): Map<RunId, string> => texts[partition] ?? new Map();
  const entriesOf = (partition: number, set: RunSet, span: RunSpan): readonly RunEntry[] =>
    [...textsOf(partition).values()]
      .map(decodeEntry)
      .filter((entry) => isIn(entry, set) && isWithin(entry, span))
      .toSorted((a, b) => (placeOf(a) < placeOf(b) === span.isDescending ? 1 : -1));
  return {
    partitions,
    look: async (partition, runIds) =>
      runIds.map((runId) => {
        const text = textsOf(partition).get(runId);
        return { entry: text === undefined ? null : decodeEntry(text), seen: text ?? '' };
      }),
    put: async (partition, changes) => changes.map((change) => put(textsOf(partition), change)),
    count: async (partition, set, span) => entriesOf(partition, set, span).length,
    async page(partition, set, span, limit) {
      const entries = entriesOf(partition, set, span).slice(0, limit);
      const last = entries.at(-1);
      return { entries, next: entries.length < limit || !last ? null : placeOf(last) };
    },
    scan: async (partition) => ({ runIds: [...textsOf(partition).keys()], cursor: null }),
    async clear() {
      for (const each of texts) each.clear();
    },
  };
}

function put(texts: Map<RunId, string>, { runId, seen, entry }: IndexChange): boolean {
  const next = entry === null ? '' : encodeEntry(entry);
  const found = texts.get(runId) ?? '';
  if (found === next) return true;
  if (found !== seen) return false;
  if (next === '') texts.delete(runId);
  else texts.set(runId, next);
  return true;
}

function isIn(entry: RunEntry, { kind, value }: RunSet): boolean {
  return runSetsOf(entry).some((set) => set.kind === kind && set.value === value);
}

function isWithin(entry: RunEntry, { from, to, after, isDescending }: RunSpan): boolean {
  const place = placeOf(entry);
  if (place < momentText(from) || place >= momentText(to + 1)) return false;
  if (after === null) return true;
  return isDescending ? place < after : place > after;
}
