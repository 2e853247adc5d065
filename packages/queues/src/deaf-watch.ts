/** What is seen of a worker and its queue at one moment. */
export interface Sighting {
  /** On a clock that never steps back, in ms. */
  readonly atMs: number;
  /** Jobs that somebody could take now. */
  readonly waiting: number;
  /** Whether the worker has all the jobs that it may have. */
  readonly isFull: boolean;
  /** Jobs that the worker has taken since it exists. */
  readonly takenCount: number;
}

/** Judges whether a worker has gone deaf. */
export interface DeafWatch {
  /** How long it has been taking nothing although it could, in ms; 0 when all is well. */
  silentMs(sighting: Sighting): number;
  /** Forgets what it saw: Redis was away, or the worker is a new one. */
  reset(): void;
}

/**
 * A worker is silent while jobs wait, it has room, and it takes none. Judged by its work and not by its connection,
 * which often looks healthy when a blocking read is lost (BullMQ issues 4585, 4479, 4138).
 */
export function createDeafWatch(): DeafWatch {
  let since: Sighting | null = null;
  return {
    silentMs(sighting) {
      const couldTake = sighting.waiting > 0 && !sighting.isFull;
      if (!couldTake) since = null;
      else if (since === null || since.takenCount !== sighting.takenCount) since = sighting;
      return since === null ? 0 : sighting.atMs - since.atMs;
    },
    reset() {
      since = null;
    },
  };
}
