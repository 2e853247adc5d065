import { type CancelTimer, systemTimers, type Timers } from './timers.ts';

/** Raised by `withDeadline` when the work did not settle in time. The work itself may still be running. */
export class DeadlineError extends Error {
  /** The bound that was passed, in ms. */
  readonly limitMs: number;

  constructor(what: string, limitMs: number) {
    super(`${what} did not finish within ${limitMs} ms`);
    this.name = 'DeadlineError';
    this.limitMs = limitMs;
  }
}

/** What bounds a piece of work. */
export interface DeadlineOptions {
  /** What is being waited for, for the message. */
  readonly what: string;
  /** The bound in ms. */
  readonly limitMs: number;
  /** Ends the work early; the caller then gets this signal's reason. */
  readonly signal?: AbortSignal;
  readonly timers?: Timers;
}

/**
 * Runs the work with a signal that fires at the deadline or when the caller's signal does. Rejects then at once, even if
 * the work ignores its signal; what it settles to afterwards is dropped. Leaves no timer behind.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const { what, limitMs, signal: outer, timers = systemTimers } = options;
  outer?.throwIfAborted();
  const controller = new AbortController();
  let giveUp: (reason: unknown) => void = ignore;
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = (reason) => {
      controller.abort(reason);
      reject(reason);
    };
  });
  const forward = (): void => {
    giveUp(outer?.reason);
  };
  outer?.addEventListener('abort', forward);
  const cancel = timers.after(limitMs, () => {
    giveUp(new DeadlineError(what, limitMs));
  });
  try {
    return await Promise.race([work(controller.signal), givenUp]);
  } finally {
    cancel();
    outer?.removeEventListener('abort', forward);
  }
}

/**
 * What the promise settles to, or a DeadlineError when that takes longer. For work that cannot be told to end: it costs a
 * timer and nothing else. What comes afterwards is dropped; no timer is left behind.
 */
export async function inTime<T>(
  promise: Promise<T>,
  { what, limitMs, timers = systemTimers }: Omit<DeadlineOptions, 'signal'>,
): Promise<T> {
  let cancel: CancelTimer = ignore;
  const late = new Promise<never>((_resolve, reject) => {
    cancel = timers.after(limitMs, () => {
      reject(new DeadlineError(what, limitMs));
    });
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    cancel();
  }
}

/** Says whether the promise settles, either way, within the bound. Never rejects, and leaves no timer behind. */
export async function settlesWithin(
  promise: Promise<unknown>,
  limitMs: number,
  timers: Timers = systemTimers,
): Promise<boolean> {
  let cancel: CancelTimer = ignore;
  const timeout = new Promise<boolean>((resolve) => {
    cancel = timers.after(limitMs, () => {
      resolve(false);
    });
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const answer = await Promise.race([settled, timeout]);
  cancel();
  return answer;
}

function ignore(): void {
  // Stands in until the real one is there.
}
