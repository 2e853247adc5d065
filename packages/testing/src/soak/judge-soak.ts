/** What a system holds at one moment. */
export interface Footprint {
  /** `used_memory` of Redis, bytes. */
  readonly redisBytes: number;
  readonly keyCount: number;
  /** Resident memory of each process, bytes, by role and process id. */
  readonly rssBytes: Readonly<Record<string, number>>;
  /** What is alive on the heap of each, bytes, right after garbage was collected. */
  readonly heapBytes: Readonly<Record<string, number>>;
}

/** What was alive on the heaps at some moment of the load, garbage collected. */
export interface HeapSample {
  /** Since the load began, minutes. */
  readonly minute: number;
  readonly heapBytes: Readonly<Record<string, number>>;
}

/** All that a soak is judged by. */
export interface SoakEvidence {
  readonly before: Footprint;
  readonly after: Footprint;
  /** In the order of time. */
  readonly samples: readonly HeapSample[];
  /** Keys that name runs which are gone. */
  readonly purgedKeys: readonly string[];
}

/** What a soak came to. */
export interface SoakVerdict {
  readonly verdict: 'valid' | 'invalid';
  readonly reasons: readonly string[];
  /** How fast each live heap grew over the second half of the load, bytes a minute. */
  readonly heapGrowth: Readonly<Record<string, number>>;
}

/** Redis may hold so much more than at first: fragmentation and buffers of connections. */
const REDIS_SLACK = 0.05;
/** A process may: what the engine of JavaScript keeps for later depends on when it last collected. */
const RSS_SLACK = 0.25;
/** And this much in any case, bytes: a share of little is nothing. */
const RSS_SLACK_BYTES = 32 * 1024 ** 2;
/** A live heap may, bytes: a coordinator remembers its last 10,000 runs, and comes to that in minutes. */
const HEAP_SLACK_BYTES = 4 * 1024 ** 2;
/** And so fast at most, bytes a minute: 300 for each run of this load, and less than a run leaves if anything of it stays. */
const HEAP_GROWTH_LIMIT = 0.5 * 1024 ** 2;

/** Compares a system at rest before and after its work, and looks whether its live heaps still grew. */
export function judgeSoak({ before, after, samples, purgedKeys }: SoakEvidence): SoakVerdict {
  const reasons: string[] = [];
  const [key] = purgedKeys;
  if (key !== undefined) {
    reasons.push(`${RULE}: ${purgedKeys.length} keys of purged runs are left, ${key} among them`);
  }
  if (after.keyCount > before.keyCount) {
    reasons.push(`${after.keyCount} keys at the end, ${before.keyCount} at rest before`);
  }
  if (after.redisBytes > before.redisBytes * (1 + REDIS_SLACK)) {
    reasons.push(`Redis holds ${after.redisBytes} bytes, ${before.redisBytes} at rest before`);
  }
  for (const [process, bytes] of Object.entries(after.rssBytes)) {
    const first = before.rssBytes[process];
    if (first === undefined) reasons.push(`${process} was not there before`);
    else if (bytes > first + Math.max(first * RSS_SLACK, RSS_SLACK_BYTES)) {
      reasons.push(`${process} holds ${bytes} bytes, ${first} at rest before`);
    }
  }
  for (const [process, bytes] of Object.entries(after.heapBytes)) {
    const first = before.heapBytes[process] ?? 0;
    if (bytes > first + HEAP_SLACK_BYTES) {
      reasons.push(`${bytes} bytes of ${process} are alive, ${first} at rest before`);
    }
  }
  const heapGrowth = growthOf(samples.slice(Math.floor(samples.length / 2)));
  for (const [process, perMinute] of Object.entries(heapGrowth)) {
    if (perMinute <= HEAP_GROWTH_LIMIT) continue;
    reasons.push(`the live heap of ${process} grew by ${Math.round(perMinute)} bytes a minute`);
  }
  return { verdict: reasons.length === 0 ? 'valid' : 'invalid', reasons, heapGrowth };
}

const RULE = 'H28';

/** The slope of the line that is nearest to the samples of each process; 0 for fewer than two. */
function growthOf(samples: readonly HeapSample[]): Readonly<Record<string, number>> {
  const names = Object.keys(samples.at(-1)?.heapBytes ?? {});
  const meanMinute = meanOf(samples.map(({ minute }) => minute));
  const spread = samples.reduce((sum, { minute }) => sum + (minute - meanMinute) ** 2, 0);
  const slopeOf = (name: string): number => {
    const meanBytes = meanOf(samples.map(({ heapBytes }) => heapBytes[name] ?? 0));
    const moved = samples.reduce((sum, { minute, heapBytes }) => {
      return sum + (minute - meanMinute) * ((heapBytes[name] ?? 0) - meanBytes);
    }, 0);
    return spread === 0 ? 0 : moved / spread;
  };
  return Object.fromEntries(names.map((name) => [name, slopeOf(name)]));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
