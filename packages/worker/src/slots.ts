import { type CancelTimer, systemTimers, type Timers } from '@joinery/kit';

/** A bounded number of places, given in the order of asking. */
export interface Slots {
  /** Takes a place; false when none became free in time. */
  take(withinMs: number): Promise<boolean>;
  /** Takes a place if one is free and nobody waits for it. */
  takeNow(): boolean;
  /** Gives one place back. */
  free(): void;
}

/** Creates `limit` free places. */
export function createSlots(limit: number, timers: Timers = systemTimers): Slots {
  let freeCount = limit;
  const waiting = new Set<() => void>();
  const takeNow = (): boolean => {
    if (freeCount === 0) return false;
    freeCount -= 1;
    return true;
  };
  return {
    takeNow,
    take(withinMs) {
      if (takeNow()) return Promise.resolve(true);
      return new Promise((resolve) => {
        let cancel: CancelTimer | undefined;
        const serve = (): void => {
          cancel?.();
          resolve(true);
        };
        waiting.add(serve);
        cancel = timers.after(withinMs, () => {
          waiting.delete(serve);
          resolve(false);
        });
      });
    },
    free() {
      const [next] = waiting;
      if (next === undefined) {
        freeCount += 1;
        return;
      }
      // The place goes from hand to hand: whoever asks in between cannot overtake.
      waiting.delete(next);
      next();
    },
  };
}
