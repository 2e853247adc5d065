/*
 * Brings the index over runs up to date. Any number of processes may do so at once, and die anywhere: a mark goes only
 * after the entry that it stands for was written, and an entry is replaced only by who has looked after its writing.
 */
import { isJoineryError, type RunId, runEntryOf, type RunEntry } from '@joinery/core';
import { type Agenda, type RunIndex, type RunStore } from '@joinery/store';
import { buryDead, type BuryPorts } from '../dead-letters/bury-dead.ts';

/** What indexing stands on. */
export interface IndexPorts {
  readonly store: RunStore;
  readonly index: RunIndex;
  /** Where failed tasks go; each end is told to it before its mark goes. Default: nowhere. */
  readonly deadLetters?: Agenda;
}

/** How far a step of indexing has come. */
export interface IndexReport {
  readonly indexed: number;
  /** Whether marks may be left: the page was full, or somebody else was at work on the same runs. */
  readonly hasMore: boolean;
}

/** Indexes at most `limit` runs of a partition that have moved. */
export async function indexMoved(
  { store, index, deadLetters }: IndexPorts,
  partition: number,
  limit: number,
): Promise<IndexReport> {
  const moved = await store.moved(partition, limit);
  if (moved.length === 0) return { indexed: 0, hasMore: false };
  const runIds = moved.map(({ runId }) => runId);
  // Before the records: what is written must not be older than what it replaces.
  const known = await index.look(partition, runIds);
  const entries = await entriesOf(store, runIds);
  // A record that cannot be read keeps the entry that it has: its neighbours must not wait for it.
  const changes = runIds.flatMap((runId, i) => {
    const entry = entries[i];
    return entry === undefined ? [] : [{ runId, seen: known[i]?.seen ?? '', entry }];
  });
  const isPut = await index.put(partition, changes);
  if (deadLetters) await buryAll({ store, deadLetters }, entries);
  const overtaken = new Set(changes.flatMap(({ runId }, i) => (isPut[i] === true ? [] : [runId])));
  const shown = moved.filter(({ runId }) => !overtaken.has(runId));
  const settled = await store.settleMoved(partition, shown);
  return { indexed: shown.length, hasMore: moved.length === limit || settled < moved.length };
}

async function buryAll(
  ports: BuryPorts,
  entries: readonly (RunEntry | null | undefined)[],
): Promise<void> {
  for (const entry of entries) {
    if (entry?.status === 'FAILED' || entry?.status === 'TIMED_OUT') {
      await buryDead(ports, entry.runId);
    }
  }
}

/** Entries of runs as they are, in their order; null = gone, undefined = the record cannot be read. */
export async function entriesOf(
  store: Pick<RunStore, 'find'>,
  runIds: readonly RunId[],
): Promise<readonly (RunEntry | null | undefined)[]> {
  return Promise.all(runIds.map((runId) => entryOf(store, runId)));
}

async function entryOf(
  store: Pick<RunStore, 'find'>,
  runId: RunId,
): Promise<RunEntry | null | undefined> {
  try {
    const run = await store.find(runId);
    return run === null ? null : runEntryOf(run);
  } catch (error) {
    // The sweeper ends such a run; here it is only not shown anew.
    if (isJoineryError(error, 'JN_STORE_CORRUPT')) return undefined;
    throw error;
  }
}
