import { auditIndex, type AuditPosition } from './audit-index.ts';
import { indexMoved, type IndexPorts } from './index-runs.ts';

/** Runs per step: some milliseconds of Redis. */
const BATCH = 200;
/** Steps of one partition and pass: its neighbours want their turn. */
const STEPS_LIMIT = 10;

/**
 * Keeps the index: what has moved is indexed in each pass, and once in a while a part of a partition is compared with
 * its runs. Holds nothing that may not be lost.
 */
export class IndexKeeper {
  readonly #ports: IndexPorts;
  #audited = 0;
  #position: AuditPosition | null = null;

  constructor(ports: IndexPorts) {
    this.#ports = ports;
  }

  /** Indexes what has moved; answers how many runs. */
  async catchUp(signal: AbortSignal): Promise<number> {
    const { partitions } = this.#ports.store;
    const all = Array.from({ length: partitions }, (_none, partition) => partition);
    const counts = await Promise.all(all.map((partition) => this.#catchUpOne(partition, signal)));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async #catchUpOne(partition: number, signal: AbortSignal): Promise<number> {
    let count = 0;
    for (let step = 0; step < STEPS_LIMIT && !signal.aborted; step += 1) {
      const { indexed, hasMore } = await indexMoved(this.#ports, partition, BATCH);
      count += indexed;
      if (!hasMore) break;
    }
    return count;
  }

  /** Compares some runs, partition after partition; answers how many were indexed otherwise than they are. */
  async audit(): Promise<number> {
    const partition = this.#audited % this.#ports.store.partitions;
    const { marked, next } = await auditIndex(this.#ports, partition, this.#position);
    this.#position = next;
    if (next === null) this.#audited += 1;
    return marked;
  }
}
