import type { RunId } from '@joinery/core';
import type { MemoryRun } from './memory-run.ts';
import { findRun, partitionOfRun, type Step } from './memory-state.ts';
import type { RunSnapshot, Scores } from './run-snapshot.ts';

/** A run as a snapshot shows it, each side only when it is looked at: for checks after every step. */
export class RunView implements RunSnapshot {
  readonly #step: Step;
  readonly #run: MemoryRun;
  #tasks: RunSnapshot['tasks'] | undefined;
  #unsent: Scores | undefined;

  constructor(step: Step, run: MemoryRun) {
    this.#step = step;
    this.#run = run;
  }

  get record(): RunSnapshot['record'] {
    return this.#run.record;
  }

  get tasks(): RunSnapshot['tasks'] {
    return (this.#tasks ??= Object.fromEntries(this.#run.tasks));
  }

  get data(): RunSnapshot['data'] {
    return Object.fromEntries(this.#run.data);
  }

  get history(): RunSnapshot['history'] {
    return this.#run.history;
  }

  get outbox(): RunSnapshot['outbox'] {
    return Object.fromEntries(this.#run.outbox);
  }

  get timers(): Scores {
    return Object.fromEntries(this.#run.timers);
  }

  get watch(): Scores {
    return Object.fromEntries(this.#run.watch);
  }

  get joins(): RunSnapshot['joins'] {
    const sorted = [...this.#run.joins].map(([join, keys]) => [join, [...keys].toSorted()]);
    return Object.fromEntries(sorted);
  }

  get todo(): Scores {
    return Object.fromEntries(this.#run.todo);
  }

  get fences(): Scores {
    return Object.fromEntries(this.#run.fences);
  }

  get lock(): string | null {
    const { lock } = this.#run;
    return lock !== null && lock.endsAt > this.#step.now ? lock.token : null;
  }

  get attention(): number | null {
    return this.#partition.attention.get(this.#run.record.id) ?? null;
  }

  get expiry(): number | null {
    return this.#partition.expiry.get(this.#run.record.id) ?? null;
  }

  get moved(): number | null {
    return this.#partition.moved.get(this.#run.record.id) ?? null;
  }

  get unsent(): Scores {
    return (this.#unsent ??= this.#unsentLetters());
  }

  get #partition(): ReturnType<typeof partitionOfRun> {
    return partitionOfRun(this.#step, this.#run.record.id);
  }

  #unsentLetters(): Scores {
    const { unsent } = this.#partition;
    const prefix = `${this.#run.record.id} `;
    const mine: Record<string, number> = {};
    for (const [id, at] of unsent) if (id.startsWith(prefix)) mine[id.slice(prefix.length)] = at;
    return mine;
  }
}

/** The same, to be read before the next step: what is not looked at costs nothing. */
export function viewRun(step: Step, runId: RunId): RunView | null {
  const run = findRun(step, runId);
  return run === undefined ? null : new RunView(step, run);
}
