import { type RunEntry } from '@joinery/core';
import { placeOf, type RunIndex, type RunSet, type RunSpan } from '@joinery/store';

/** What is walked: sets that have no run in common, over all partitions. */
export interface RunWalk {
  readonly sets: readonly RunSet[];
  readonly span: RunSpan;
  /** Entries read at once from each set of each partition. */
  readonly pageSize: number;
}

interface Source {
  readonly partition: number;
  readonly set: RunSet;
  buffer: readonly { readonly entry: RunEntry; readonly place: string }[];
  at: number;
  /** Null = read to its end. */
  after: string | null;
  isOver: boolean;
}

/** Entries in the order of beginnings, whatever partition and set they are in. */
export async function* walkRuns(index: RunIndex, walk: RunWalk): AsyncGenerator<RunEntry> {
  const { sets, span } = walk;
  const partitions = Array.from({ length: index.partitions }, (_none, partition) => partition);
  const sources = partitions.flatMap((partition) =>
    sets.map((set): Source => {
      return { partition, set, buffer: [], at: 0, after: span.after, isOver: false };
    }),
  );
  await Promise.all(sources.map((source) => refill(index, walk, source)));
  for (;;) {
    const first = firstOf(sources, span.isDescending);
    const head = first?.buffer[first.at];
    if (first === undefined || head === undefined) return;
    yield head.entry;
    first.at += 1;
    if (first.at === first.buffer.length) await refill(index, walk, first);
  }
}

/** Until there is an entry, or the set has come to its end. */
async function refill(index: RunIndex, { span, pageSize }: RunWalk, source: Source): Promise<void> {
  const { partition, set } = source;
  source.at = 0;
  source.buffer = [];
  while (source.buffer.length === 0 && !source.isOver) {
    const page = await index.page(partition, set, { ...span, after: source.after }, pageSize);
    source.buffer = page.entries.map((entry) => ({ entry, place: placeOf(entry) }));
    source.after = page.next;
    source.isOver = page.next === null;
  }
}

function firstOf(sources: readonly Source[], isDescending: boolean): Source | undefined {
  let first: Source | undefined;
  let place = '';
  for (const source of sources) {
    const head = source.buffer[source.at];
    if (head === undefined) continue;
    if (first !== undefined && head.place < place === isDescending) continue;
    first = source;
    place = head.place;
  }
  return first;
}
