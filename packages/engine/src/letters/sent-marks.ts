import { type RunId } from '@joinery/core';
import { type CancelTimer, type Logger, systemTimers, type Timers } from '@joinery/kit';
import { type RunStore } from '@joinery/store';

interface SentLetter {
  readonly runId: RunId;
  readonly letterId: string;
}

/** What a buffer of marks stands on. */
export interface SentMarksOptions {
  readonly store: Pick<RunStore, 'markSent'>;
  readonly logger: Logger;
  /** Below the 200 ms after which the scheduler relays again, so that it finds nothing in a healthy system. */
  readonly flushEveryMs?: number;
  readonly timers?: Timers;
}

// What one call may carry; more would make one long command.
const CHUNK = 1_000;

/**
 * Marks letters sent, some at a time: one command per 100 ms instead of one per letter. A mark that is lost with its
 * process costs a job that BullMQ ignores, because its id is known.
 */
export class SentMarks {
  readonly #options: SentMarksOptions;
  readonly #timers: Timers;
  #pending: SentLetter[] = [];
  #cancelTimer: CancelTimer | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: SentMarksOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
  }

  add(letters: readonly SentLetter[]): void {
    this.#pending.push(...letters);
    if (this.#pending.length === 0 || this.#cancelTimer !== undefined) return;
    this.#cancelTimer = this.#timers.after(
      this.#options.flushEveryMs ?? 100,
      () => void this.flush(),
    );
  }

  /** Marks what is waiting. Never rejects: marks that fail are dropped, and the scheduler relays those letters again. */
  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const letters = this.#pending;
    this.#pending = [];
    this.#flushing = this.#flushing.then(() => this.#mark(letters));
    return this.#flushing;
  }

  close(): Promise<void> {
    return this.flush();
  }

  async #mark(letters: readonly SentLetter[]): Promise<void> {
    try {
      for (let from = 0; from < letters.length; from += CHUNK) {
        await this.#options.store.markSent(letters.slice(from, from + CHUNK));
      }
    } catch (err) {
      this.#options.logger.warn(
        { event: 'marks.lost', count: letters.length, err },
        'letters could not be marked sent; they will be relayed again',
      );
    }
  }
}
