import { indexMoved, type IndexPorts } from './index-runs.ts';

/** Runs per step: some milliseconds of Redis. */
const BATCH = 500;

/**
 * Forgets the index and makes it anew from the runs; answers how many were indexed. Whoever searches meanwhile finds
 * less. After a crash call it again, or leave it to the sweepers: they see to the marks, and mark what has none.
 */
export async function rebuildIndex(ports: IndexPorts): Promise<number> {
  await ports.index.clear();
  let count = 0;
  for (let partition = 0; partition < ports.store.partitions; partition += 1) {
    await markAll(ports, partition);
    for (let hasMore = true; hasMore;) {
      const report = await indexMoved(ports, partition, BATCH);
      count += report.indexed;
      ({ hasMore } = report);
    }
  }
  return count;
}

async function markAll({ store }: IndexPorts, partition: number): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof store.scan>> = await store.scan(partition, cursor);
    await store.markMoved(partition, page.runIds);
    cursor = page.cursor;
  } while (cursor !== null);
}
