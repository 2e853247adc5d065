import { type DecideLocks, type EnginePorts } from '@joinery/engine';
import { createSeededEntropy } from '@joinery/kit';
import { type RunStore } from '@joinery/store';

/** Lock misses that are made up. */
export interface ForcedMisses {
  readonly ports: Pick<EnginePorts, 'locks' | 'store'>;
  /** How often a lock was withheld so far. */
  readonly count: () => number;
}

/** Withholds locks for a while: with this chance, whoever asks is told that somebody else has it. */
export function forceMisses(
  { locks, store }: Pick<EnginePorts, 'locks' | 'store'>,
  {
    chance,
    forMs,
    seed,
  }: { readonly chance: number; readonly forMs: number; readonly seed: number },
): ForcedMisses {
  const until = performance.now() + forMs;
  const entropy = createSeededEntropy(seed);
  let count = 0;
  const isMissed = (): boolean => {
    const isNow = performance.now() < until && entropy.seed() / 2 ** 32 < chance;
    if (isNow) count += 1;
    return isNow;
  };
  const missing: DecideLocks | 'fused' =
    locks === 'fused'
      ? 'fused'
      : { acquire: async (key, options) => (isMissed() ? null : locks.acquire(key, options)) };
  // A fused lock is taken by the load: a load under a lock is the asking.
  const load: RunStore['load'] = async (args) =>
    args.lock !== null && isMissed() ? { type: 'busy', waitedMs: 0 } : store.load(args);
  return { ports: { locks: missing, store: { ...store, load } }, count: () => count };
}
