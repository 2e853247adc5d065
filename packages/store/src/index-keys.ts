import { type RunSet } from './run-index.ts';

/** Names of the keys of the index over runs. */
export interface IndexKeys {
  /** HASH run id -> entry. */
  entries(partition: number): string;
  /** ZSET place -> 0, so that it is in the order of places. */
  set(partition: number, set: RunSet): string;
  /** Matches all of them and no other key. */
  readonly pattern: string;
}

/** Names them under `<prefix>:`. A partition's index is in one slot, and not in that of its runs. */
export function indexKeys(prefix: string): IndexKeys {
  const base = (partition: number): string => `${prefix}:{ix-${partition}}`;
  return {
    entries: (partition) => `${base(partition)}:entries`,
    set: (partition, { kind, value }) => `${base(partition)}:${kind}:${value}`,
    pattern: `${prefix.replaceAll(/[\\*?[\]]/g, '\\$&')}:{ix-*`,
  };
}
