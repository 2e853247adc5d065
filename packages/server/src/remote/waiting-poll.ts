import { type ClaimedTask } from './claimed-task.ts';

/** What a remote worker asks for. */
export interface PollRequest {
  readonly taskType: string;
  /** Empty: none. */
  readonly domain: string;
  readonly worker: string;
  /** Tasks at most. */
  readonly count: number;
  /** How long to wait for the first one, ms. */
  readonly waitMs: number;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
}

/**
 * One poll until it is answered, once.
 * Invariant: while it is being served its time does not run out: what is claimed for it must reach it.
 */
export class WaitingPoll {
  readonly request: PollRequest;
  readonly answer: Promise<readonly ClaimedTask[]>;
  #resolve: ((tasks: readonly ClaimedTask[]) => void) | undefined;
  readonly #onEnd: (poll: WaitingPoll) => void;
  readonly #timer: NodeJS.Timeout;
  #isServed = false;
  #isOver = false;

  constructor(request: PollRequest, onEnd: (poll: WaitingPoll) => void) {
    this.request = request;
    this.#onEnd = onEnd;
    this.answer = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.expire(), request.waitMs);
    request.signal.addEventListener('abort', () => this.expire(), { once: true });
    if (request.signal.aborted) this.expire();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** From now on the poll waits for its server, not for its time. */
  serve(): void {
    this.#isServed = true;
  }

  /** Nothing came of it. Answers whether the poll may go on waiting. */
  unserve(): boolean {
    this.#isServed = false;
    if (this.#isOver) this.give([]);
    return !this.#isOver;
  }

  /** Time is over, the client has gone, or the server is leaving. */
  expire(): void {
    this.#isOver = true;
    if (!this.#isServed) this.give([]);
  }

  give(tasks: readonly ClaimedTask[]): void {
    clearTimeout(this.#timer);
    this.#isOver = true;
    this.#onEnd(this);
    this.#resolve?.(tasks);
  }
}
