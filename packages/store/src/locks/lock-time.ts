import { type Clock, systemTimers, type Timers } from '@joinery/kit';

/** What leases are measured with: a clock that never steps back, and timers. */
export type LockTime = Clock & Timers;

/** Reads like ms since epoch, but follows this process' monotonic clock: a step of the wall clock moves no lease. */
export const monotonicTime: LockTime = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delayMs, callback) => systemTimers.after(delayMs, callback),
};

/** Something to wait for that somebody else may settle. */
export interface OpenWait<T> {
  readonly promise: Promise<T>;
  /** False: it was settled before, by somebody else, the timer or the signal. */
  readonly settle: (value: T) => boolean;
}

/** What ends a wait that nobody settles. */
export interface WaitBounds {
  readonly time: LockTime;
  readonly ms: number;
  readonly signal: AbortSignal;
}

/** Waits until settled, or answers `otherwise` when the time is up or the signal fires. Leaves nothing behind. */
export function openWait<T>(bounds: WaitBounds, otherwise: T): OpenWait<T> {
  let finish: (value: T) => void = ignore;
  const promise = new Promise<T>((resolve) => {
    finish = resolve;
  });
  let isOpen = true;
  const settle = (value: T): boolean => {
    if (!isOpen) return false;
    isOpen = false;
    cancel();
    bounds.signal.removeEventListener('abort', giveUp);
    finish(value);
    return true;
  };
  const giveUp = (): void => void settle(otherwise);
  const cancel = bounds.time.after(bounds.ms, giveUp);
  bounds.signal.addEventListener('abort', giveUp);
  if (bounds.signal.aborted) giveUp();
  return { promise, settle };
}

function ignore(): void {
  // Stands in until the promise has made its own.
}
