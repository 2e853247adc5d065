/** What a system holds at one moment. */
export interface Footprint {
  /** `used_memory` of Redis, bytes. */
  readonly redisBytes: number;
  readonly keyCount: number;
  /** Resident memory of each process, bytes, by role and process id. */
  readonly rssBytes: Readonly<Record<string, number>>;
}

/** What a soak came to. */
export interface SoakVerdict {
  readonly verdict: 'valid' | 'invalid';
  readonly reasons: readonly string[];
}

/** Redis may hold so much more than at first: fragmentation and buffers of connections. */
const REDIS_SLACK = 0.05;
/** A process may: what the engine of JavaScript keeps for later depends on when it last collected. */
const RSS_SLACK = 0.25;
/** And this much in any case, bytes: a share of little is nothing. */
const RSS_SLACK_BYTES = 32 * 1024 ** 2;

/** Compares a system at rest before and after its work; `purgedKeys` are keys that name runs which are gone. */
export function judgeSoak({
  before,
  after,
  purgedKeys,
}: {
  readonly before: Footprint;
  readonly after: Footprint;
  readonly purgedKeys: readonly string[];
}): SoakVerdict {
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
  return { verdict: reasons.length === 0 ? 'valid' : 'invalid', reasons };
}

const RULE = 'H28';
