/*
 * All polls for one task type, and the one fetcher that serves them.
 * Ownership: a desk owns its fetcher and what that has fetched, until a poll has it.
 * Invariants:
 *  D1 nothing is fetched while nobody waits; one blocking read serves all who wait.
 *  D2 a job that was fetched is claimed for a poll, or put back; a task that was claimed is given to its poll.
 *  D3 polls are served in the order in which they came.
 */
import { type Engine } from '@joinery/engine';
import { settlesWithin } from '@joinery/kit';
import { type FetchedJob, type JobFetcher } from '@joinery/queues';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { claimFetched, type ClaimedTask } from './claimed-task.ts';
import { type PollRequest, WaitingPoll } from './waiting-poll.ts';

/** A client polls again soon after its poll has ended: what comes in between need not go back to the queue. */
const HOLD_MS = 250;

/** After an error of the queue: not a storm, and short against a long poll. */
const RETRY_AFTER_MS = 200;

/** What a desk is made of. */
export interface TypeDeskParts {
  readonly engine: Engine;
  readonly fetcher: JobFetcher;
}

/** The desk of one task type. */
export class TypeDesk {
  readonly #parts: TypeDeskParts;
  readonly #waiting = new Set<WaitingPoll>();
  readonly #serving = new Set<Promise<void>>();
  #onPoll: (() => void) | undefined;
  #pumping: Promise<void> | undefined;
  #isClosed = false;
  #lastUsedAt = performance.now();

  constructor(parts: TypeDeskParts) {
    this.#parts = parts;
  }

  /** When somebody last asked; somebody who waits is asking. */
  get lastUsedAt(): number {
    return this.#waiting.size + this.#serving.size > 0 ? performance.now() : this.#lastUsedAt;
  }

  /** Tasks for a poll: at once when some wait, else the first that comes in time, with those behind it. */
  poll(request: PollRequest): Promise<readonly ClaimedTask[]> {
    this.#lastUsedAt = performance.now();
    if (this.#isClosed) return Promise.resolve([]);
    const poll = new WaitingPoll(request, (ended) => this.#waiting.delete(ended));
    if (poll.isOver) return poll.answer;
    this.#waiting.add(poll);
    this.#onPoll?.();
    this.#pumping ??= this.#pump();
    return poll.answer;
  }

  /** One task that waits now. */
  async take(worker: string): Promise<ClaimedTask | null> {
    this.#lastUsedAt = performance.now();
    const fetched = await this.#parts.fetcher.tryNext();
    return fetched === null ? null : claimFetched(this.#parts.engine, fetched, worker);
  }

  /** Answers all polls and gives back what nobody has yet. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const poll of this.#waiting) poll.expire();
    this.#onPoll?.();
    // A job that is held for the next poll is put back before the connections end.
    await setImmediate();
    await Promise.allSettled(this.#serving);
    await this.#parts.fetcher.close();
    await this.#pumping;
  }

  /** Runs as long as somebody waits. Never rejects. */
  async #pump(): Promise<void> {
    while (this.#waiting.size > 0 && !this.#isClosed) {
      try {
        await this.#pumpOnce();
      } catch (err) {
        const { logger } = this.#parts.engine;
        logger.warn({ event: 'poll.failed', err }, 'jobs could not be fetched; polls wait on');
        await delay(RETRY_AFTER_MS);
      }
    }
    this.#pumping = undefined;
  }

  async #pumpOnce(): Promise<void> {
    const { fetcher } = this.#parts;
    const first = await fetcher.next();
    if (first === null) return;
    const poll = await this.#nextPoll();
    if (poll === null) return this.#track(first.putBack(0));
    poll.serve();
    this.#waiting.delete(poll);
    const jobs = [first];
    while (jobs.length < poll.request.count) {
      const more = await fetcher.tryNext();
      if (more === null) break;
      jobs.push(more);
    }
    void this.#track(this.#serve(poll, jobs));
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#serving.add(work);
    try {
      await work;
    } finally {
      this.#serving.delete(work);
    }
  }

  /** The first that waits; when nobody does any more, the first that comes soon. */
  async #nextPoll(): Promise<WaitingPoll | null> {
    if (this.#waiting.size === 0 && !this.#isClosed) {
      await settlesWithin(
        new Promise<void>((resolve) => {
          this.#onPoll = resolve;
        }),
        HOLD_MS,
      );
      this.#onPoll = undefined;
    }
    const [poll = null] = this.#waiting;
    return poll;
  }

  /** Never rejects: a job whose claim went wrong comes again by itself. */
  async #serve(poll: WaitingPoll, jobs: readonly FetchedJob[]): Promise<void> {
    const { engine } = this.#parts;
    const { worker } = poll.request;
    const claims = await Promise.allSettled(jobs.map((job) => claimFetched(engine, job, worker)));
    const tasks = claims.flatMap((claim) =>
      claim.status === 'fulfilled' && claim.value !== null ? [claim.value] : [],
    );
    for (const claim of claims) {
      if (claim.status === 'fulfilled') continue;
      const fields = { event: 'poll.failed', err: claim.reason as unknown };
      engine.logger.warn(fields, 'a job could not be claimed; the sweeper finds it');
    }
    if (tasks.length > 0) poll.give(tasks);
    else if (poll.unserve()) this.#waitOn(poll);
  }

  /** The job was a hint at nothing: the poll goes on. */
  #waitOn(poll: WaitingPoll): void {
    this.#waiting.add(poll);
    this.#pumping ??= this.#pump();
  }
}
