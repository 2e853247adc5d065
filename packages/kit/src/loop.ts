/**
 * Ownership: one loop owns its timer and the pass that is running; nobody else starts a pass.
 * Interface: start, wake, stop. All may be called at any time and more than once.
 * Invariants:
 *  L1 passes never overlap.
 *  L2 a wake is never lost: one that comes during a pass causes another pass right after it.
 *  L3 a pass that throws costs a back-off, never the loop; a wake does not cut a back-off short.
 *  L4 after stop() no pass begins, and no timer is left; stop() answers within its bound even if the pass hangs.
 */
import { type Backoff, backoffDelayMs } from './backoff.ts';
import { settlesWithin } from './deadline.ts';
import { type Logger } from './logger.ts';
import { type CancelTimer, systemTimers, type Timers } from './timers.ts';

/** What a loop does and how often. */
export interface LoopOptions {
  /** For the log. */
  readonly name: string;
  /** From the end of a pass to the start of the next, in ms; read anew after each pass, so that it can be tuned. */
  readonly intervalMs: () => number;
  /** One pass. The signal fires when the loop is told to stop. */
  readonly pass: (signal: AbortSignal) => Promise<void>;
  readonly logger: Logger;
  /** The wait after failed passes in a row. Default: 100 ms, doubling up to 5 s. */
  readonly backoff?: Backoff;
  readonly timers?: Timers;
  /** Chance for the back-off, 0 to 1. */
  readonly random?: () => number;
}

/** A pass that is repeated until it is told to stop. */
export interface Loop {
  /** Begins with a pass at once. A loop that was stopped does not start again. */
  start(): void;
  /** Asks for a pass now, or right after the one that is running. A hint: cheap, and harmless before start. */
  wake(): void;
  /** Begins no more passes; answers whether the last one ended within the bound (ms). */
  stop(withinMs: number): Promise<boolean>;
}

const defaultBackoff: Backoff = { baseMs: 100, maxMs: 5_000 };

/** Creates a loop; it does nothing until it is started. */
export function createLoop(options: LoopOptions): Loop {
  return new IntervalLoop(options);
}

class IntervalLoop implements Loop {
  readonly #options: LoopOptions;
  readonly #timers: Timers;
  readonly #stopped = new AbortController();
  #cancelTimer: CancelTimer | undefined;
  #running: Promise<void> | undefined;
  #isStarted = false;
  #isWoken = false;
  #failureCount = 0;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#begin();
  }

  wake(): void {
    if (!this.#isStarted) return;
    if (this.#running) this.#isWoken = true;
    else if (this.#failureCount === 0) this.#begin();
  }

  async stop(withinMs: number): Promise<boolean> {
    this.#stopped.abort();
    this.#cancelTimer?.();
    return settlesWithin(this.#running ?? Promise.resolve(), withinMs, this.#timers);
  }

  #begin(): void {
    if (this.#stopped.signal.aborted) return;
    this.#cancelTimer?.();
    this.#isWoken = false;
    // The pass begins a microtask later, when #running is set: it may itself call wake or stop.
    this.#running = Promise.resolve().then(() => this.#runPass());
  }

  async #runPass(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const { name, pass, logger } = this.#options;
    try {
      await pass(this.#stopped.signal);
      this.#failureCount = 0;
    } catch (err) {
      this.#failureCount += 1;
      if (!this.#stopped.signal.aborted) {
        logger.error(
          { event: 'pass.failed', loop: name, count: this.#failureCount, err },
          'a pass failed; the loop goes on after a back-off',
        );
      }
    }
    this.#running = undefined;
    this.#plan();
  }

  #plan(): void {
    if (this.#stopped.signal.aborted) return;
    this.#cancelTimer = this.#timers.after(this.#delayMs(), () => {
      this.#begin();
    });
  }

  #delayMs(): number {
    const { backoff = defaultBackoff, intervalMs, random = Math.random } = this.#options;
    if (this.#failureCount > 0) return backoffDelayMs(backoff, this.#failureCount, random());
    return this.#isWoken ? 0 : intervalMs();
  }
}
