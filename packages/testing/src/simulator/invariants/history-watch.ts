/*
 * The history of one run, judged event by event as it grows.
 * H1 versions 1..n · H5 one scheduling per attempt, attempts in order · H6 one end per attempt · H7 results carry the
 * token of the last claim · H10 whose handler has
 * run to its end · H11 one end · H12 nothing is scheduled when the run is closing or over · H15 nor while it is
 * paused · H16 a join fires once, after what it waits for · order: a task begins after the one before it is over.
 */
import { isTerminalTask, type HistoryEvent, type RecordedEvent, type TaskKey } from '@joinery/core';
import { refOf, siblingOf, type TaskOrder } from './task-order.ts';

interface Attempt {
  readonly number: number;
  readonly token: string | null;
  readonly isOver: boolean;
}

/** How a rule says that it was broken. */
export type Accuse = (rule: string, what: string) => void;

/** What a run's history is held to. */
export interface HistoryWatchOptions {
  readonly order: TaskOrder;
  readonly accuse: Accuse;
  /** A handler has come to its end under this claim of this task. */
  readonly hasExecuted: (key: TaskKey, token: string) => boolean;
}

/** Events after which a run may still be told that it was looked at. */
const AFTER_END: ReadonlySet<HistoryEvent['type']> = new Set(['repair.found']);

/** Follows one run's history. */
export class HistoryWatch {
  readonly #order: TaskOrder;
  readonly #accuse: Accuse;
  readonly #hasExecuted: HistoryWatchOptions['hasExecuted'];
  readonly #attempts = new Map<string, Attempt>();
  readonly #fired = new Set<string>();
  #version = 0;
  #last: RecordedEvent | undefined;
  #phase: 'running' | 'paused' | 'closing' | 'ended' = 'running';

  constructor({ order, accuse, hasExecuted }: HistoryWatchOptions) {
    this.#order = order;
    this.#accuse = accuse;
    this.#hasExecuted = hasExecuted;
  }

  /** The history as it is now; what was seen before must still be there. */
  follow(history: readonly RecordedEvent[]): void {
    const before = history[this.#version - 1];
    if (this.#version > 0 && before !== this.#last) {
      this.#accuse('H1', `version ${this.#version} was changed or taken away`);
    }
    for (const recorded of history.slice(this.#version)) {
      if (recorded.version !== this.#version + 1) {
        this.#accuse('H1', `version ${recorded.version} follows ${this.#version}`);
      }
      this.#version = recorded.version;
      this.#last = recorded;
      this.#judge(recorded.event);
    }
  }

  #judge(event: HistoryEvent): void {
    if (this.#phase === 'ended' && event.type !== 'run.reopened' && !AFTER_END.has(event.type)) {
      this.#accuse('H11', `${event.type} after the end`);
    }
    switch (event.type) {
      case 'run.paused':
        this.#phase = 'paused';
        return;
      case 'run.compensating':
      case 'run.resumed':
      case 'run.reopened':
        this.#phase = 'running';
        return;
      case 'run.closing':
        this.#phase = 'closing';
        return;
      case 'run.ended':
        this.#phase = 'ended';
        return;
      case 'task.scheduled':
        return this.#scheduled(event);
      case 'task.started':
        return this.#started(event);
      case 'task.completed':
        return this.#completed(event);
      case 'task.decided':
        return this.#decided(event);
      case 'child.requested':
        return this.#requested(event);
      case 'join.fired':
        return this.#joinFired(event);
      case 'task.taken-back':
        return this.#takenBack(event);
      case 'task.reopened':
        return this.#reopened(event);
      case 'group.retried':
      case 'run.started':
      case 'run.limited':
      case 'run.variables-set':
      case 'task.skip-asked':
      case 'task.updated':
      case 'task.dispatched':
      case 'task.redelivered':
      case 'fork.expanded':
      case 'timer.ignored':
      case 'compensation.failed':
      case 'repair.found':
    }
  }

  #scheduled({ key, attempt }: Extract<HistoryEvent, { type: 'task.scheduled' }>): void {
    if (this.#phase !== 'running') this.#accuse('H12', `${key} scheduled when ${this.#phase}`);
    const last = this.#attempts.get(key);
    const isNext = attempt === (last?.number ?? 0) + 1;
    if (!isNext || last?.isOver === false) {
      this.#accuse('H5', `${key}: attempt ${attempt} scheduled after ${last?.number ?? 'none'}`);
    }
    const before = this.#order.after.get(refOf(key));
    if (before !== undefined && this.#attempts.get(siblingOf(key, before))?.isOver !== true) {
      this.#accuse('order', `${key} scheduled before ${before} was over`);
    }
    this.#attempts.set(key, { number: attempt, token: null, isOver: false });
  }

  #started({ key, attempt, token }: Extract<HistoryEvent, { type: 'task.started' }>): void {
    const last = this.#attempts.get(key);
    if (last?.number !== attempt || last.isOver) {
      this.#accuse('H5', `${key}: attempt ${attempt} started, and is not the open one`);
    }
    this.#attempts.set(key, { number: attempt, token, isOver: false });
  }

  /** The run that carries out an attempt is its claim. */
  #requested({ key, attempt, runId }: Extract<HistoryEvent, { type: 'child.requested' }>): void {
    const last = this.#attempts.get(key);
    if (last?.number !== attempt || last.isOver) {
      this.#accuse('H5', `${key}: attempt ${attempt} asks for a run, and is not the open one`);
    }
    this.#attempts.set(key, { number: attempt, token: runId, isOver: false });
  }

  #completed(event: Extract<HistoryEvent, { type: 'task.completed' }>): void {
    const { key, attempt, token, reason } = event;
    const last = this.#attempts.get(key);
    if (last?.number !== attempt || last.isOver) {
      this.#accuse('H6', `${key}: attempt ${attempt} completed, and is not the open one`);
    }
    // Poison is claimed by the store itself; what no worker claims has no token.
    if (token !== '' && !reason.startsWith('WORKER_LOST')) {
      if (token !== last?.token)
        this.#accuse('H7', `${key} completed by a claim that is not its last one`);
      if (!this.#hasExecuted(key, token)) this.#accuse('H10', `${key} completed by what never ran`);
    }
    this.#attempts.set(key, { number: attempt, token, isOver: true });
  }

  #decided({ key, attempt, status }: Extract<HistoryEvent, { type: 'task.decided' }>): void {
    const last = this.#attempts.get(key);
    const isOver = isTerminalTask(status);
    if (last !== undefined && attempt < last.number) {
      this.#accuse('H6', `${key}: attempt ${attempt} decided during ${last.number}`);
    }
    this.#attempts.set(key, { number: attempt, token: last?.token ?? null, isOver });
  }

  /** As if the flow had never come there, but for the number of its attempts. */
  #takenBack({ key, attempt }: Extract<HistoryEvent, { type: 'task.taken-back' }>): void {
    this.#attempts.set(key, { number: attempt, token: null, isOver: true });
    this.#fired.delete(key);
  }

  #reopened({ key, attempt }: Extract<HistoryEvent, { type: 'task.reopened' }>): void {
    this.#attempts.set(key, { number: attempt, token: null, isOver: false });
    this.#fired.delete(key);
  }

  #joinFired({ key }: Extract<HistoryEvent, { type: 'join.fired' }>): void {
    if (this.#fired.has(key)) this.#accuse('H16', `${key} fired again`);
    this.#fired.add(key);
    for (const ref of this.#order.joins.get(refOf(key)) ?? []) {
      if (this.#attempts.get(siblingOf(key, ref))?.isOver === false) {
        this.#accuse('H16', `${key} fired before ${ref} was over`);
      }
    }
    const number = this.#attempts.get(key)?.number ?? 1;
    this.#attempts.set(key, { number, token: null, isOver: true });
  }
}
