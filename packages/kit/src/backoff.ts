/** How the waits grow after failures in a row. */
export interface Backoff {
  /** The wait after the first failure, in ms. */
  readonly baseMs: number;
  /** No wait is longer, in ms. */
  readonly maxMs: number;
}

/**
 * The wait after `failureCount` failures in a row (from 1): doubling from the base up to the cap, of which the upper half
 * is left to chance (`fraction`, 0 to 1), so that processes that failed together do not come back together.
 */
export function backoffDelayMs(backoff: Backoff, failureCount: number, fraction = 1): number {
  if (failureCount < 1) return 0;
  const doublings = Math.min(failureCount - 1, 52);
  const ceiling = Math.min(backoff.maxMs, backoff.baseMs * 2 ** doublings);
  return Math.round(ceiling / 2 + (ceiling / 2) * Math.min(1, Math.max(0, fraction)));
}
