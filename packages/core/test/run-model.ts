import {
  isSuccessfulTask,
  isTerminalRun,
  isTerminalTask,
  letterIdOf,
  parseTimer,
  taskKeyOf,
  TIMER_KINDS,
  timerOf,
  type Command,
  type DataField,
  type Decision,
  type HistoryEvent,
  type Json,
  type Letter,
  type Needs,
  type OutcomeStatus,
  type RunState,
  type Slice,
  type TaskKey,
  type TaskRow,
  type TimerId,
} from '@joinery/core';

/*
 * The store as the decider sees it, in one process and without a clock: it applies commands as `run/command.ts` says,
 * and knows the two verbs of workers. It exists to test the decider; what the real stores do is their own tests' matter.
 */

/** Rows and timers that one slice brings at most. */
export const PAGE = 256;

type PutTask = Extract<Command, { type: 'put-task' }>;

/** One run. `now` is a virtual clock. */
export class RunModel {
  run: RunState;
  readonly rows = new Map<TaskKey, TaskRow>();
  readonly archived = new Map<string, TaskRow>();
  readonly data = new Map<DataField, Json>();
  readonly arrivals = new Map<TaskKey, Set<TaskKey>>();
  readonly timers = new Map<TimerId, number>();
  readonly todo = new Set<TaskKey>();
  readonly letters = new Map<string, Letter>();
  readonly leases = new Set<TaskKey>();
  readonly checks = new Set<TaskKey>();
  readonly history: HistoryEvent[] = [];
  now: number;
  /** Rows, payloads and counts that were read by name. */
  partsRead = 0;

  constructor(initial: Slice) {
    this.run = initial.run;
    this.now = initial.at;
    for (const [field, value] of initial.data) if (value !== null) this.data.set(field, value);
  }

  /** What a load brings: to-do list, due timers, their rows, and the page of open rows while closing. */
  minimalSlice(): Slice {
    const isRunning = this.run.status === 'RUNNING';
    const due = isRunning ? this.dueTimers().slice(0, PAGE) : [];
    const todo = [...this.todo].slice(0, PAGE);
    const keys = new Set(todo);
    for (const timer of due) {
      const parsed = parseTimer(timer);
      if (parsed !== null) keys.add(parsed.key);
    }
    const openPage = this.run.closing === null ? null : this.openPage();
    for (const row of openPage?.rows ?? []) keys.add(row.key);
    return {
      run: this.run,
      rows: new Map([...keys].map((key) => [key, this.rows.get(key) ?? null])),
      data: new Map(),
      arrivals: new Map(),
      todo,
      hasMoreTodo: this.todo.size > todo.length,
      due,
      openPage,
      whole: null,
      at: this.now,
    };
  }

  /** Everything there is, not marked as whole: what is absent is still asked for by name. */
  generousSlice(): Slice {
    const arrivals = [...this.arrivals].map(([join, keys]) => [join, keys.size] as const);
    return {
      ...this.minimalSlice(),
      rows: new Map<TaskKey, TaskRow | null>(this.rows),
      data: new Map<DataField, Json | null>(this.data),
      arrivals: new Map(arrivals),
    };
  }

  /** What a full evaluation gets. */
  wholeSlice(): Slice {
    const { rows, arrivals } = this.generousSlice();
    const whole = {
      timers: new Set(this.timers.keys()),
      leases: new Set(this.leases),
      checks: new Set(this.checks),
    };
    return { ...this.minimalSlice(), rows, arrivals, whole };
  }

  read(needs: Needs): Pick<Slice, 'rows' | 'data' | 'arrivals'> {
    this.partsRead += needs.rows.length + needs.data.length + needs.arrivals.length;
    return {
      rows: new Map(needs.rows.map((key) => [key, this.rows.get(key) ?? null])),
      data: new Map(needs.data.map((field) => [field, this.data.get(field) ?? null])),
      arrivals: new Map(needs.arrivals.map((join) => [join, this.arrivals.get(join)?.size ?? 0])),
    };
  }

  /** Apply a decision made on a load whose dirty mark was `dirty`; false = a row has changed since. */
  commit(decision: Pick<Decision, 'commands' | 'hasMore'>, dirty: number): boolean {
    const { commands, hasMore } = decision;
    const isCurrent = commands.every(
      (each) =>
        each.type !== 'put-task' || (this.rows.get(each.row.key)?.rev ?? 0) === each.presumes,
    );
    if (!isCurrent) return false;
    for (const command of commands) this.apply(command);
    for (const command of commands) {
      if (command.type === 'patch-run') this.run = { ...this.run, ...command.patch };
    }
    const seen = hasMore ? this.run.seen : Math.max(this.run.seen, dirty);
    this.run = { ...this.run, decision: this.run.decision + 1, seen };
    if (hasMore && !this.isDirty) this.makeDirty();
    return true;
  }

  /** A worker takes the attempt that a letter names. */
  claim(key: TaskKey, token: string): boolean {
    const row = this.rows.get(key);
    if (this.isOver || row === undefined || row.status !== 'SCHEDULED') return false;
    if (!this.letters.has(`dispatch:${key}`)) return false;
    this.disarm(key);
    this.change({
      ...row,
      status: 'IN_PROGRESS',
      token,
      deliveries: row.deliveries + 1,
      startedAt: this.now,
    });
    this.leases.add(key);
    if (row.timeoutMs > 0) this.timers.set(timerOf('timeout', key), this.now + row.timeoutMs);
    if (row.responseTimeoutMs > 0) {
      this.timers.set(timerOf('response', key), this.now + row.responseTimeoutMs);
    }
    return true;
  }

  /** The result of an attempt: counted for its joins, and quiet when nothing can follow from it. */
  complete(
    key: TaskKey,
    result: {
      token: string;
      attempt: number;
      status: OutcomeStatus;
      output?: Json;
      reason?: string;
    },
  ): boolean {
    const row = this.rows.get(key);
    if (this.isOver || row === undefined || isTerminalTask(row.status)) return false;
    if (row.token !== result.token || row.attempt !== result.attempt) return false;
    const isDone = result.status === 'COMPLETED';
    this.disarm(key);
    if (isDone) this.timers.delete(timerOf('total', key));
    this.data.set(`o:${key}`, result.output ?? {});
    if (isDone) for (const join of Object.keys(row.joins)) this.arrive(taskKeyOf(join), key);
    const isSettled = isDone && this.isQuiet(row);
    this.change({
      ...row,
      status: result.status,
      reason: result.reason ?? '',
      endedAt: this.now,
      isSettled,
    });
    if (isSettled) {
      this.run = { ...this.run, open: this.run.open - 1 };
      return true;
    }
    this.todo.add(key);
    this.makeDirty();
    return true;
  }

  get isOver(): boolean {
    return isTerminalRun(this.run.status) || this.run.closing !== null;
  }

  get isDirty(): boolean {
    return this.run.dirty > this.run.seen;
  }

  /** A coordinator has a reason to look. */
  get wantsDecision(): boolean {
    if (isTerminalRun(this.run.status)) return false;
    if (this.run.closing !== null) return true;
    return this.run.status === 'RUNNING' && (this.isDirty || this.dueTimers().length > 0);
  }

  makeDirty(): void {
    this.run = { ...this.run, dirty: this.run.dirty + 1 };
  }

  dueTimers(): readonly TimerId[] {
    if (this.timers.size === 0) return [];
    const due = [...this.timers].filter(([, at]) => at <= this.now);
    return due.toSorted((a, b) => a[1] - b[1]).map(([timer]) => timer);
  }

  /** Keys of all rows that nobody has settled. */
  openKeys(): readonly TaskKey[] {
    return [...this.rows.values()].filter((row) => !row.isSettled).map((row) => row.key);
  }

  private openPage(): NonNullable<Slice['openPage']> {
    const open = [...this.rows.values()].filter((row) => !isTerminalTask(row.status));
    return { rows: open.slice(0, PAGE), hasMore: open.length > PAGE };
  }

  private isQuiet(row: TaskRow): boolean {
    const areJoinsWaiting = Object.entries(row.joins).every(
      ([join, width]) => (this.arrivals.get(taskKeyOf(join))?.size ?? 0) < width,
    );
    return row.isTail && areJoinsWaiting && this.run.open - 1 > 0;
  }

  private change(row: TaskRow): void {
    this.rows.set(row.key, { ...row, rev: row.rev + 1 });
  }

  private disarm(key: TaskKey): void {
    for (const kind of TIMER_KINDS) if (kind !== 'total') this.timers.delete(timerOf(kind, key));
    this.leases.delete(key);
    this.checks.delete(key);
    this.letters.delete(`dispatch:${key}`);
  }

  private arrive(join: TaskKey, key: TaskKey): void {
    this.arrivals.set(join, (this.arrivals.get(join) ?? new Set()).add(key));
  }

  private apply(command: Command): void {
    switch (command.type) {
      case 'put-task':
        return this.put(command);
      case 'keep-attempt': {
        const row = this.rows.get(command.key);
        if (row !== undefined) this.archived.set(`${command.key}@${command.attempt}`, row);
        return undefined;
      }
      case 'claim':
        return void this.leases.add(command.key);
      case 'put-data':
        return void this.data.set(command.field, command.value);
      case 'arrive':
        return this.arrive(command.join, command.key);
      case 'leave':
        return void this.arrivals.get(command.join)?.delete(command.key);
      case 'arm-timer':
        return void this.timers.set(command.timer, this.now + command.delayMs);
      case 'clear-timer':
        return void this.timers.delete(command.timer);
      case 'send':
        if (command.letter.type === 'dispatch') this.checks.add(command.letter.key);
        return void this.letters.set(letterIdOf(command.letter), command.letter);
      case 'patch-run':
        return undefined;
      case 'record':
        return void this.history.push(command.event);
    }
  }

  private put({ row, presumes, isFresh, wasOpen }: PutTask): void {
    this.disarm(row.key);
    const fresh = isFresh
      ? { scheduledAt: this.now, firstScheduledAt: row.firstScheduledAt || this.now }
      : {};
    const ended = isTerminalTask(row.status) && row.endedAt === 0 ? { endedAt: this.now } : {};
    this.rows.set(row.key, { ...row, ...fresh, ...ended, rev: presumes + 1 });
    this.todo.delete(row.key);
    if (isTerminalTask(row.status) && !row.isSettled) this.todo.add(row.key);
    const open = this.run.open + Number(!row.isSettled) - Number(wasOpen);
    this.run = { ...this.run, open };
  }
}

/** True for a row after which the flow goes on. */
export function isDoneRow(row: TaskRow): boolean {
  return row.isSettled || isSuccessfulTask(row.status);
}
