/*
 * Walkers that make the same calls at the same time.
 * Interface: each walker walks in `walk` and makes its calls through `call`.
 * Invariant: a batch begins when every walker that still walks waits for a call, and only then; so nothing else of theirs
 * is on the way while it is measured.
 */

/** Runs walkers in lockstep. */
export interface Lockstep {
  walk(walker: () => Promise<void>): Promise<void>;
  call(name: string, work: () => unknown): Promise<unknown>;
  /** Calls of that name so far. */
  countOf(name: string): number;
}

interface Waiting {
  readonly name: string;
  readonly work: () => unknown;
  readonly settle: (outcome: Promise<unknown>) => void;
}

/** `measure` is given the calls of one name, all of one batch; it must make them and wait for them. */
export function createLockstep(
  walkerCount: number,
  measure: (name: string, calls: () => Promise<void>) => Promise<void>,
): Lockstep {
  const counts = new Map<string, number>();
  let walking = walkerCount;
  let waiting: Waiting[] = [];
  const runBatch = async (): Promise<void> => {
    if (waiting.length < walking || waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    const settled: (() => void)[] = [];
    for (const name of new Set(batch.map((each) => each.name))) {
      const group = batch.filter((each) => each.name === name);
      counts.set(name, (counts.get(name) ?? 0) + group.length);
      const settleAll = (outcomes: readonly Promise<unknown>[]): void => {
        group.forEach(({ settle }, index) => {
          settled.push(() => settle(outcomes[index] ?? Promise.resolve()));
        });
      };
      try {
        await measure(name, async () => {
          const outcomes = group.map(async ({ work }) => work());
          await Promise.allSettled(outcomes);
          settleAll(outcomes);
        });
      } catch (error) {
        settleAll(group.map(() => Promise.reject(error)));
      }
    }
    // Only now: a walker that went on would disturb the next measurement.
    for (const settle of settled) settle();
  };
  return {
    async walk(walker) {
      try {
        await walker();
      } finally {
        walking -= 1;
        await runBatch();
      }
    },
    call: (name, work) =>
      new Promise((resolve) => {
        waiting.push({ name, work, settle: resolve });
        void runBatch();
      }),
    countOf: (name) => counts.get(name) ?? 0,
  };
}
