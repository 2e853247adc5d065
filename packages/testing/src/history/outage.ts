/** A time in which Redis could not be reached, ms since epoch. */
export interface Outage {
  readonly from: number;
  readonly until: number;
}

/** How much of a span lies within outages that do not overlap each other, ms. */
export function overlapMs(span: Outage, outages: readonly Outage[]): number {
  return outages.reduce((sum, { from, until }) => {
    return sum + Math.max(0, Math.min(span.until, until) - Math.max(span.from, from));
  }, 0);
}
