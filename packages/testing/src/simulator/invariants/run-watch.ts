/*
 * What must hold of one run after every step.
 * attention: stored = recomputed, always, and at most `maxSweepAge` ahead while the run lives · dirty: what is on the
 * to-do list of a live run has made it dirty · lease: no claim follows another before its lease has ended · open: the
 * count of open tasks is right · H4 rows = history · H25 fences grow with decisions · and the history's own rules.
 */
import { isTerminalRun, type WorkflowDef } from '@joinery/core';
import { type RunSnapshot } from '@joinery/store';
import { attentionReasons, derivedAttention } from './derived-attention.ts';
import { type Accuse, HistoryWatch, type HistoryWatchOptions } from './history-watch.ts';
import { type TaskOrder, taskOrderOf } from './task-order.ts';

/** Runs that the sweeper has just taken come again after this. */
const TAKEN_FOR_MS = 1_000;

/** The step that brings back what a partition was some time ago, its attention included. */
export const RESTART = 'restart';

/** A claim and its lease, as the last step has left them. */
interface Claim {
  readonly token: string;
  readonly endsAt: number;
}

const LEASE = 'lease:';

const orders = new WeakMap<WorkflowDef, TaskOrder>();

function orderOf(definition: WorkflowDef): TaskOrder {
  const order = orders.get(definition) ?? taskOrderOf(definition);
  orders.set(definition, order);
  return order;
}

/** Follows one run. */
export class RunWatch {
  readonly #accuse: Accuse;
  readonly #history: HistoryWatch;
  #attention: number | null = null;
  #firstUnsent = Number.POSITIVE_INFINITY;
  #reasons = '';
  #claims = new Map<string, Claim>();
  #decision = 0;
  #fence = 0;

  constructor(
    options: { readonly definition: WorkflowDef } & Pick<
      HistoryWatchOptions,
      'accuse' | 'hasExecuted'
    >,
  ) {
    this.#accuse = options.accuse;
    this.#history = new HistoryWatch({ ...options, order: orderOf(options.definition) });
  }

  /** When somebody will look at the run; null = nobody, ever. */
  get attention(): number | null {
    return this.#attention;
  }

  /** When the first of its letters was posted that nobody has marked sent; infinite when there is none. */
  get firstUnsent(): number {
    return this.#firstUnsent;
  }

  /** The run after a step. */
  follow(run: RunSnapshot, step: { readonly method: string; readonly at: number }): void {
    this.#followAttention(run, step);
    this.#firstUnsent = Math.min(...Object.values(run.unsent));
    this.#followClaims(run, step.at);
    this.#history.follow(run.history);
    this.#followRecord(run);
  }

  #followAttention(
    run: RunSnapshot,
    { method, at }: { readonly method: string; readonly at: number },
  ): void {
    const { attention } = run;
    const reasons = attentionReasons(run);
    const isMoved =
      method === RESTART ||
      (method === 'take' && attention === at + TAKEN_FOR_MS) ||
      (method === 'makeAllDue' && attention !== null && attention <= at);
    const isLeft = reasons === this.#reasons && attention === this.#attention;
    const due = derivedAttention(run, at);
    if (!isMoved && !isLeft && attention !== due) {
      this.#accuse('attention', `it is ${since(attention, at)}, by its state ${since(due, at)}`);
    }
    this.#attention = attention;
    this.#reasons = reasons;
  }

  #followClaims({ watch, tasks }: RunSnapshot, at: number): void {
    const claims = new Map<string, Claim>();
    for (const [id, endsAt] of Object.entries(watch)) {
      const key = id.startsWith(LEASE) ? id.slice(LEASE.length) : '';
      const token = tasks[key]?.token;
      if (token === undefined) continue;
      const before = this.#claims.get(key);
      if (before !== undefined && before.token !== token && before.endsAt > at) {
        this.#accuse('lease', `${key} was claimed while somebody else had it`);
      }
      claims.set(key, { token, endsAt });
    }
    this.#claims = claims;
  }

  #followRecord(run: RunSnapshot): void {
    const { record, tasks, todo, history } = run;
    if (record.version !== history.length) {
      this.#accuse('H1', `version ${record.version} with ${history.length} events`);
    }
    if (record.decision > this.#decision && record.fence < this.#fence) {
      this.#accuse('H25', `fence ${record.fence} after ${this.#fence}`);
    }
    this.#decision = record.decision;
    this.#fence = record.fence;
    if (isTerminalRun(record.status)) return;
    const isWaiting = record.dirty > record.seen || record.closing !== null;
    if (!isWaiting && Object.keys(todo).length > 0) {
      this.#accuse('dirty', `${Object.keys(todo).join()} wait for a decision, and it is not dirty`);
    }
    let open = 0;
    for (const [field, row] of Object.entries(tasks)) {
      if (field === row.key && !row.isSettled) open += 1;
    }
    if (open !== record.open)
      this.#accuse('open', `${open} tasks are open, it says ${record.open}`);
  }
}

function since(moment: number | null, at: number): string {
  return moment === null ? 'not looked at' : `looked at in ${moment - at} ms`;
}
