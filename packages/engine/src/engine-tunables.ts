/** What operators may change while the process runs. Durations in ms. */
export interface EngineTunables {
  /** How long a decision waits for a lock that is not fused. */
  readonly timeToTryMs: number;
  readonly leaseMs: number;
  /** A run that could not be locked for longer than this is decided without the lock. */
  readonly overtakeAfterMs: number;
  /** A letter that its writer has not relayed within this time is relayed by the scheduler. */
  readonly relayAfterMs: number;
}

/**
 * 500 ms and 60 s are Conductor's lockTimeToTry and lockLeaseTime. Overtaking after 1 s bounds what a dead lock holder
 * costs; sooner, two deciders would work on one run whenever the first is merely slow. A healthy writer relays within a
 * few ms, so 200 ms is late for it, and short for a successor that waits.
 */
export const defaultEngineTunables: EngineTunables = {
  timeToTryMs: 500,
  leaseMs: 60_000,
  overtakeAfterMs: 1_000,
  relayAfterMs: 200,
};

/** When to ask again for a run that somebody else holds. Not sooner than 100 ms: asking costs the holder, too. */
export function retryAfterMissMs(tunables: EngineTunables): number {
  return Math.max(Math.round(tunables.timeToTryMs / 2), 100);
}
