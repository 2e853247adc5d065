/*
 * Where remote workers get their tasks.
 * Ownership: one desk, and so two connections, per task type that is polled, until nobody has asked for DESK_IDLE_MS.
 * Invariant: it holds nothing that may not be lost. Claims are in the store, with the response time-out as their lease.
 */
import { joineryError } from '@joinery/core';
import { type Engine } from '@joinery/engine';
import { createLoop, type Loop } from '@joinery/kit';
import { type JobFetcher } from '@joinery/queues';
import { type Poll, type PollBook } from '@joinery/store';
import { type ClaimedTask } from './claimed-task.ts';
import { TypeDesk } from './type-desk.ts';
import { type PollRequest } from './waiting-poll.ts';

/** A worker that polls at all polls far more often. */
const DESK_IDLE_MS = 60_000;

/** Each is two connections to Redis, which takes 10,000 by default from everybody together. */
export const DESKS_LIMIT = 1_000;

/** Poll data is for people: 5 s old is new enough, and one command for all polls since. */
const TIDY_EVERY_MS = 5_000;

/** What a desk for all types is made of. */
export interface RemoteDeskParts {
  readonly engine: Engine;
  readonly polls: PollBook;
  readonly openFetcher: (taskType: string) => JobFetcher;
}

/** Tasks for workers that ask by HTTP. */
export interface RemoteDesk {
  start(): void;
  /** Waits for tasks; empty when none came in time. Throws JN_SERVER_OVERLOADED when more than 1,000 types are polled here. */
  poll(request: PollRequest): Promise<readonly ClaimedTask[]>;
  /** A task of this type that waits now: what a worker goes on with. */
  take(taskType: string, worker: string): Promise<ClaimedTask | null>;
  /** Who polled when; what is not written down yet included. */
  pollData(): Promise<readonly Poll[]>;
  /** Answers all polls with nothing; later ones too. */
  close(): Promise<void>;
}

/** Creates the desk; it opens connections when somebody polls. */
export function createRemoteDesk(parts: RemoteDeskParts): RemoteDesk {
  return new DeskOfTypes(parts);
}

class DeskOfTypes implements RemoteDesk {
  readonly #parts: RemoteDeskParts;
  readonly #desks = new Map<string, TypeDesk>();
  readonly #loop: Loop;
  #unwritten = new Map<string, Poll>();
  #isClosed = false;

  constructor(parts: RemoteDeskParts) {
    this.#parts = parts;
    this.#loop = createLoop({
      name: 'remote-desk',
      intervalMs: () => TIDY_EVERY_MS,
      pass: () => this.#tidy(),
      logger: parts.engine.logger,
    });
  }

  start(): void {
    this.#loop.start();
  }

  async poll(request: PollRequest): Promise<readonly ClaimedTask[]> {
    if (this.#isClosed) return [];
    const desk = this.#deskOf(queueOf(request));
    const { taskType, domain, worker } = request;
    const at = this.#parts.engine.clock.now();
    this.#unwritten.set(JSON.stringify([taskType, domain, worker]), {
      taskType,
      domain,
      worker,
      at,
    });
    return desk.poll(request);
  }

  async take(taskType: string, worker: string): Promise<ClaimedTask | null> {
    return this.#isClosed ? null : this.#deskOf(taskType).take(worker);
  }

  async pollData(): Promise<readonly Poll[]> {
    await this.#write();
    return this.#parts.polls.list();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loop.stop(1_000);
    const desks = [...this.#desks.values()];
    this.#desks.clear();
    await Promise.all(desks.map((desk) => desk.close()));
  }

  #deskOf(queue: string): TypeDesk {
    const known = this.#desks.get(queue);
    if (known) return known;
    const count = this.#desks.size;
    if (count >= DESKS_LIMIT)
      throw joineryError('JN_SERVER_OVERLOADED', { what: 'polled task types', count });
    const { engine, openFetcher } = this.#parts;
    const desk = new TypeDesk({ engine, fetcher: openFetcher(queue) });
    this.#desks.set(queue, desk);
    return desk;
  }

  async #tidy(): Promise<void> {
    for (const [queue, desk] of this.#desks) {
      if (performance.now() - desk.lastUsedAt < DESK_IDLE_MS) continue;
      this.#desks.delete(queue);
      await desk.close();
    }
    await this.#write();
  }

  async #write(): Promise<void> {
    const polls = [...this.#unwritten.values()];
    this.#unwritten = new Map();
    await this.#parts.polls.note(polls);
  }
}

/** Tasks of a domain wait in a queue of their own, by Conductor's name for it. */
function queueOf({ taskType, domain }: PollRequest): string {
  return domain === '' ? taskType : `${domain}:${taskType}`;
}
