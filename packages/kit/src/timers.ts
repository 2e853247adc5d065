/** Takes back a timer; harmless when it has already gone off. */
export type CancelTimer = () => void;

/** Timers as a port, so that loops and bounds are tested without waiting. */
export interface Timers {
  /** Calls back once, not earlier than `delayMs` from now (up to about 24 days). */
  after(delayMs: number, callback: () => void): CancelTimer;
}

/** The timers of this process. They keep it alive until they go off or are cancelled. */
export const systemTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
