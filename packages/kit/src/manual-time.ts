import { type Clock } from './clock.ts';
import { type Timers } from './timers.ts';

interface PendingTimer {
  readonly dueAt: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock and timers that move only when told to. For tests, ours and our users'. */
export interface ManualTime extends Clock, Timers {
  /**
   * Moves time on, calling what becomes due in order of due time. Between two timers the promise queue is drained, so
   * that a timer set by an awaiting function is seen in the same advance.
   */
  advance(byMs: number): Promise<void>;
  /** How many timers are waiting: 0 after a clean stop. */
  pendingCount(): number;
}

/** Creates manual time that stands at `startAt` (ms since epoch). */
export function createManualTime(startAt = 0): ManualTime {
  const pending = new Set<PendingTimer>();
  let nowAt = startAt;
  let order = 0;
  const nextDue = (until: number): PendingTimer | undefined =>
    [...pending]
      .filter((timer) => timer.dueAt <= until)
      .toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order)[0];
  return {
    now: () => nowAt,
    pendingCount: () => pending.size,
    after(delayMs, callback) {
      order += 1;
      const timer = { dueAt: nowAt + Math.max(0, delayMs), order, callback };
      pending.add(timer);
      return () => {
        pending.delete(timer);
      };
    },
    async advance(byMs) {
      const until = nowAt + byMs;
      await drainPromises();
      for (let timer = nextDue(until); timer; timer = nextDue(until)) {
        pending.delete(timer);
        nowAt = timer.dueAt;
        timer.callback();
        await drainPromises();
      }
      nowAt = until;
    },
  };
}

/** One turn of the event loop: every promise that can settle without I/O has settled after it. */
async function drainPromises(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}
