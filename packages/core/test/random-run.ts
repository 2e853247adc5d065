import {
  isJsonObject,
  isTerminalRun,
  isTerminalTask,
  randomFrom,
  requestedRunOf,
  taskKeyOf,
  type DecideEvent,
  type Decision,
  type JsonObject,
  type OutcomeStatus,
  type PlainOperation,
  type Plan,
  type ResultStatus,
  type Slice,
  type TaskKey,
  type TaskRow,
} from '@joinery/core';
import { childStatusOf, type Outcome, type OutcomeScript } from '@joinery/testing';
import { ask, type Decided, type Evaluate } from './drive-run.ts';
import type { RunModel } from './run-model.ts';

/** Who is told of everything that happens in a random run. */
export interface Observer {
  /** A decision is about to be applied. */
  deciding(run: RandomRun, decided: Decided, event: DecideEvent): void;
  /** It was applied. */
  decided(run: RandomRun, decided: Decided, event: DecideEvent): void;
  refused(run: RandomRun, event: DecideEvent): void;
  /** A worker's verb; rows before and after. */
  worked(on: 'claim' | 'result', before: TaskRow, after: TaskRow): void;
}

interface Pending {
  readonly decided: Decided;
  readonly slice: Slice;
  readonly event: DecideEvent;
}

const LOOK: DecideEvent = { type: 'look' };

/** How wild a random run is. */
export interface Wildness {
  /** Operators pause and resume. */
  readonly hasPauses: boolean;
  /** An operator may terminate the run. */
  readonly hasTerminate: boolean;
}

const END_LIMIT = 3_000;

/** Stands for the sandbox: all scripts of generated definitions double a number. */
export const doubled: Evaluate = ({ input }) => ({
  ok: true,
  value: 2 * Number(isJsonObject(input) ? input['number'] : 0),
});

/** One run in an arbitrary order of events: workers, timers, deciders, resends, operators. */
export class RandomRun {
  readonly model: RunModel;
  readonly plan: Plan;
  events = 0;
  private readonly script: OutcomeScript;
  private readonly observer: Observer;
  private readonly wildness: Wildness;
  private readonly seed: number;
  private draws = 0;
  /** What one decider has decided and not yet committed. */
  private pending: Pending | null = null;

  constructor(options: {
    readonly model: RunModel;
    readonly plan: Plan;
    readonly script: OutcomeScript;
    readonly observer: Observer;
    readonly seed: number;
    readonly wildness: Wildness;
  }) {
    this.model = options.model;
    this.plan = options.plan;
    this.script = options.script;
    this.observer = options.observer;
    this.seed = options.seed;
    this.wildness = options.wildness;
  }

  /** Let things happen until the run has ended; false = it stands still. */
  play(): boolean {
    if (!this.playUntil(() => false)) return false;
    this.afterwards();
    return true;
  }

  /** Let things happen until the run is as wanted, or has ended; false = it stands still. */
  playUntil(isWanted: (model: RunModel) => boolean): boolean {
    while (!isTerminalRun(this.model.run.status) && !isWanted(this.model)) {
      if (this.events > END_LIMIT || !this.step()) return false;
    }
    return true;
  }

  /** A number in [0, below). */
  draw(below: number): number {
    this.draws += 1;
    return Math.floor(randomFrom(this.seed + this.draws * 0x9e3779b9) * below);
  }

  /** Asks on this slice, and applies the answer when nothing has changed since. */
  decide(slice: Slice, event: DecideEvent = { type: 'look' }): void {
    const pending = this.evaluate(slice, event);
    if (pending !== null) this.commit(pending);
  }

  private evaluate(slice: Slice, event: DecideEvent): Pending | null {
    const { model, plan } = this;
    const decided = ask(model, { plan, slice, event, seed: this.seed, evaluate: doubled });
    if (!('code' in decided)) return { decided, slice, event };
    this.observer.refused(this, event);
    return null;
  }

  private commit({ decided, slice, event }: Pending): void {
    const { model } = this;
    if (slice.run.decision !== model.run.decision) return;
    this.observer.deciding(this, decided, event);
    if (model.commit(decided.decision, slice.run.dirty))
      this.observer.decided(this, decided, event);
  }

  private step(): boolean {
    this.events += 1;
    const { model } = this;
    // Operators come seldom; what they do in the rarer phases must be met often enough all the same.
    if (model.run.closing !== null && this.draw(2) === 0) return this.operateAny();
    if (model.run.status === 'PAUSED' && this.draw(3) > 0) {
      return this.wildness.hasTerminate ? this.operateAny() : this.disturb();
    }
    if (this.draw(12) === 0) return this.disturb();
    const works = this.works();
    const canDecide = model.wantsDecision || this.pending !== null;
    const choices = works.length + (canDecide ? 2 : 0);
    if (choices === 0) return this.passTime();
    const choice = this.draw(choices);
    const work = works[choice];
    if (work !== undefined) work();
    else this.lookOrCommit();
    return true;
  }

  /** Decide now and commit later, with whatever happens in between; or both at once. */
  private lookOrCommit(): void {
    const { pending, model } = this;
    this.pending = null;
    if (pending !== null) this.commit(pending);
    else if (this.draw(3) === 0) this.pending = this.evaluate(model.minimalSlice(), LOOK);
    else this.decide(model.minimalSlice());
  }

  private works(): (() => void)[] {
    const { model } = this;
    if (model.isOver) return [];
    const works: (() => void)[] = [];
    for (const { type, key } of model.letters.values()) {
      if (type === 'dispatch' && !this.isLeftAlone(key)) works.push(() => this.claim(key));
    }
    for (const key of model.leases) {
      if (!this.isLeftAlone(key)) works.push(() => this.report(key));
    }
    for (const row of model.rows.values()) {
      if (requestedRunOf(row) !== null) works.push(() => this.endChild(row));
      const isManual = isForOthers(row) && row.status === 'IN_PROGRESS';
      if (isManual && !model.timers.has(`wait:${row.key}`)) works.push(() => this.report(row.key));
    }
    return works;
  }

  /** The script says that nobody answers, and a timer will end the attempt. */
  private isLeftAlone(key: TaskKey): boolean {
    const row = this.model.rows.get(key);
    if (row === undefined || this.outcomeOf(row).status !== 'SILENT') return false;
    const timers =
      row.status === 'SCHEDULED' ? (['poll'] as const) : (['timeout', 'response'] as const);
    return (
      timers.some((kind) => this.model.timers.has(`${kind}:${key}`)) && !this.isWarnedOnly(row)
    );
  }

  private isWarnedOnly(row: TaskRow): boolean {
    return this.plan.nodes.get(row.ref)?.taskDef.timeoutPolicy === 'ALERT_ONLY';
  }

  private outcomeOf(row: TaskRow): Outcome {
    return this.script(row.key, row.attempt - (row.attemptsBefore ?? 0));
  }

  private claim(key: TaskKey): void {
    const before = this.model.rows.get(key);
    this.model.claim(key, `k${this.events}`);
    const after = this.model.rows.get(key);
    if (before !== undefined && after !== undefined) this.observer.worked('claim', before, after);
  }

  private report(key: TaskKey): void {
    const before = this.model.rows.get(key);
    if (before === undefined) return;
    const { status, output } = isForOthers(before) ? DONE : this.outcomeOf(before);
    const result: ResultStatus = status === 'SILENT' ? 'COMPLETED' : status;
    const { token, attempt } = before;
    this.model.complete(key, { token, attempt, status: result, output, reason: 'as scripted' });
    const after = this.model.rows.get(key);
    if (after !== undefined) this.observer.worked('result', before, after);
  }

  /** The run of an open attempt ends, as its script says for a worker. */
  private endChild(before: TaskRow): void {
    const { key, token, attempt } = before;
    const outcome = before.type === 'START_WORKFLOW' ? startedBy(token) : this.childOf(before);
    this.model.complete(key, { token, attempt, ...outcome });
    const after = this.model.rows.get(key);
    if (after !== undefined) this.observer.worked('result', before, after);
  }

  private childOf(row: TaskRow): ChildEnd {
    const { status, output } = this.outcomeOf(row);
    return { status: childStatusOf(status), output, reason: 'as scripted' };
  }

  /** On to the next timer. Nobody else had anything to do. */
  private passTime(): boolean {
    const { model } = this;
    if (model.run.status === 'PAUSED') return this.operate('resume');
    const moments = [...model.timers.values()].filter((at) => at > model.now);
    if (moments.length === 0) return false;
    model.now = Math.min(...moments);
    return true;
  }

  /** What may happen at any time, and must change nothing or nothing but what it says. */
  private disturb(): boolean {
    const kinds = 4 + (this.wildness.hasPauses ? 3 : 0) + (this.wildness.hasTerminate ? 2 : 0);
    switch (this.draw(kinds)) {
      case 0:
        this.decide(this.model.minimalSlice());
        return true;
      case 1:
        this.decide(this.model.wholeSlice());
        return true;
      case 2:
      case 3:
        return this.resend();
      case 4:
      case 5:
        return this.operate('pause');
      case 6:
        return this.operate('resume');
      default:
        return this.operate('terminate');
    }
  }

  /** A worker that is late, or that resends: none of it may have an effect. */
  private resend(): boolean {
    const keys = [...this.model.rows.keys()];
    const key = keys[this.draw(keys.length)] ?? taskKeyOf('none');
    const row = this.model.rows.get(key);
    if (row === undefined || isForOthers(row)) return true;
    const version = row.rev;
    this.model.complete(key, { token: 'stale', attempt: row.attempt, status: 'COMPLETED' });
    this.model.complete(key, { token: row.token, attempt: row.attempt - 1, status: 'FAILED' });
    if (isTerminalTask(row.status)) this.model.claim(key, 'late');
    if (this.model.rows.get(key)?.rev !== version) throw new Error('a stale result had an effect');
    return true;
  }

  operate(type: PlainOperation['type']): boolean {
    const event: DecideEvent = { type: 'operation', operation: { type, reason: 'test' } };
    this.decide(this.model.minimalSlice(), event);
    return true;
  }

  private operateAny(): boolean {
    return this.operate((['pause', 'resume', 'terminate'] as const)[this.draw(3)] ?? 'pause');
  }

  /** A run that has ended is asked all the same. */
  private afterwards(): void {
    this.events += 2;
    this.decide(this.model.minimalSlice());
    this.operateAny();
  }
}

/** Completed by whoever likes to, without a claim. */
function isForOthers({ type }: TaskRow): boolean {
  return type === 'WAIT' || type === 'HUMAN' || type === 'YIELD';
}

const DONE: Outcome = { status: 'COMPLETED', output: {} };

/** How a run that another waits for has ended. */
interface ChildEnd {
  readonly status: OutcomeStatus;
  readonly output: JsonObject;
  readonly reason: string;
}

/** A run that was merely started is there: that is all that its task waits for. */
function startedBy(workflowId: string): ChildEnd {
  return { status: 'COMPLETED', output: { workflowId }, reason: '' };
}

/** What a decision comes to, in a form that can be compared. */
export function canonical({ commands, hasMore }: Decision): string {
  return JSON.stringify([commands, hasMore]);
}
