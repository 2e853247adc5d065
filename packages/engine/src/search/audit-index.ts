import { type RunEntry, type RunId } from '@joinery/core';
import { entriesOf, type IndexPorts } from './index-runs.ts';

/** How far the comparison of a partition has come. */
export interface AuditPosition {
  readonly of: 'runs' | 'entries';
  readonly cursor: string | null;
}

/** What a step found. */
export interface AuditReport {
  /** Runs that were found otherwise than indexed, and are marked now. */
  readonly marked: number;
  /** Null: the partition was compared in full. */
  readonly next: AuditPosition | null;
}

/**
 * Compares some runs of a partition with the index, in both directions, and marks those that differ. What moves
 * meanwhile has its mark already; marking it again costs a look.
 */
export async function auditIndex(
  ports: IndexPorts,
  partition: number,
  from: AuditPosition | null,
): Promise<AuditReport> {
  const { of, cursor } = from ?? { of: 'runs', cursor: null };
  const source = of === 'runs' ? ports.store : ports.index;
  const page = await source.scan(partition, cursor);
  const marked = await markDifferent(ports, partition, page.runIds);
  if (page.cursor !== null) return { marked, next: { of, cursor: page.cursor } };
  return { marked, next: of === 'runs' ? { of: 'entries', cursor: null } : null };
}

async function markDifferent(
  { store, index }: IndexPorts,
  partition: number,
  runIds: readonly RunId[],
): Promise<number> {
  const known = await index.look(partition, runIds);
  const entries = await entriesOf(store, runIds);
  const different = runIds.filter((_id, i) => !isSame(known[i]?.entry ?? null, entries[i]));
  await store.markMoved(partition, different);
  return different.length;
}

/** `updatedAt` moves with every task and is indexed with the next change of the status. */
function isSame(known: RunEntry | null, now: RunEntry | null | undefined): boolean {
  if (now === undefined) return true;
  if (known === null || now === null) return known === now;
  return known.status === now.status && known.endedAt === now.endedAt;
}
