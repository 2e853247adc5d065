/** A source of wall-clock time. Services take one so that tests decide what time it is. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May step backwards with the system's clock: never measure with it. */
  now(): number;
}

/** The clock of this machine. Moments of runs do not come from here but from Redis. */
export const systemClock: Clock = { now: () => Date.now() };
