import type { Command, DataField } from '../../run/command.ts';
import type { HistoryEvent, RepairKind } from '../../run/history-event.ts';
import type { Evaluation, EvaluationResult } from '../../run/evaluation.ts';
import { partitionFor, partitionOf, type TaskKey } from '../../run/ids.ts';
import type { Json, JsonObject } from '../../run/json.ts';
import { letterIdOf, type Letter } from '../../run/letter.ts';
import type { RunPatch, RunState } from '../../run/run-state.ts';
import type { Needs, Slice } from '../../run/slice.ts';
import { isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { TIMER_KINDS, timerOf, type TimerId } from '../../run/timer.ts';
import type { Plan } from '../../plan/plan.ts';
import { MAX_DELIVERIES, type DecideInput, type Decision } from '../decision.ts';

/*
 * Ownership: one draft lives for one call of `decide` and never leaves it.
 * Interface: read the run as it would be with the decision so far; note what is to change.
 * Invariants: a key is put once, in its last state, and presumes the revision that was loaded; what the slice does not
 * hold is never guessed: reading it throws `LACKING`, which `decide` turns into needs.
 */

/** Rows that one decision may put. More would make long scripts; fewer, more round trips for wide forks. */
export const ROWS_PER_DECISION = 256;

/** Thrown inside the decider alone: the slice lacks what `draft.needs` says. Made once, for its stack costs time. */
export const LACKING = new Error('the slice lacks a part');

const NO_NEEDS: Needs = { rows: [], data: [], arrivals: [] };

interface Put {
  readonly row: TaskRow;
  readonly isFresh: boolean;
}

/** The run as it would be after the commands noted so far. */
export class Draft {
  readonly slice: Slice;
  readonly plan: Plan;
  readonly seed: number;
  readonly maxDeliveries: number;
  private readonly partitions: number | undefined;
  /** What `${workflow.env}` shows. */
  readonly env: JsonObject;
  readonly repairs: RepairKind[] = [];
  hasMore = false;
  /** Steps that wait to be taken; nearly all of them put one row. */
  waitingCount = 0;
  private lacking: Needs = NO_NEEDS;
  private wantsWhole = false;
  private patch: RunPatch = {};
  private patched: RunState;
  private readonly scripts = new Map<string, Evaluation>();
  private readonly puts = new Map<TaskKey, Put>();
  private readonly absent = new Set<TaskKey>();
  private readonly kept: Command[] = [];
  private readonly written = new Map<DataField, Json>();
  private readonly arrived = new Map<TaskKey, Set<TaskKey>>();
  private readonly left = new Map<TaskKey, Set<TaskKey>>();
  private readonly timers = new Map<TimerId, number | null>();
  private readonly letters = new Map<string, Letter>();
  private readonly events: HistoryEvent[] = [];

  constructor({
    slice,
    plan,
    seed,
    partitions,
    maxDeliveries = MAX_DELIVERIES,
    env = {},
  }: Omit<DecideInput, 'event'>) {
    this.slice = slice;
    this.partitions = partitions;
    this.env = env;
    this.patched = slice.run;
    this.plan = plan;
    this.seed = seed;
    this.maxDeliveries = maxDeliveries;
  }

  get run(): RunState {
    return this.patched;
  }

  get isFull(): boolean {
    return this.room <= 0;
  }

  /** Rows that may still be put before the decision is full, those of the steps that wait already counted. */
  get room(): number {
    return ROWS_PER_DECISION - this.puts.size - this.waitingCount;
  }

  /** Unsettled rows, counting what this decision changes. */
  get open(): number {
    let open = this.patch.open ?? this.slice.run.open;
    for (const [key, { row }] of this.puts) {
      open += Number(!row.isSettled) - Number(this.wasOpen(key));
    }
    return open;
  }

  /** Null: the flow has not come there, or a reset has taken the task back. */
  row(key: TaskKey): TaskRow | null {
    const row = this.stored(key);
    return row?.shadow === undefined ? row : null;
  }

  /** What stands in the place of a task that has no row. */
  shadow(key: TaskKey): TaskRow | null {
    const row = this.stored(key);
    return row?.shadow === undefined ? null : row;
  }

  private stored(key: TaskKey): TaskRow | null {
    const put = this.puts.get(key);
    if (put !== undefined) return put.row;
    const row = this.slice.rows.get(key);
    if (row === null) this.absent.add(key);
    if (row !== undefined) return row;
    if (this.knowsAllRows) return null;
    return this.lack({ rows: [key] });
  }

  /** True when `row` can answer. */
  knows(key: TaskKey): boolean {
    return this.knowsAllRows || this.puts.has(key) || this.slice.rows.has(key);
  }

  data(field: DataField): Json | null {
    const written = this.written.get(field);
    if (written !== undefined) return written;
    const value = this.slice.data.get(field);
    if (value === undefined && this.slice.isNew !== true) return this.lack({ data: [field] });
    return value ?? null;
  }

  /** Arrivals counted by the store and noted here: never too few, perhaps too many. */
  arrivals(join: TaskKey): number {
    const stored = this.slice.arrivals.get(join);
    if (stored === undefined && !this.knowsAllRows) return this.lack({ arrivals: [join] });
    return (stored ?? 0) + (this.arrived.get(join)?.size ?? 0);
  }

  /** What a script came to. It is run between two calls of the decider. */
  evaluation(asked: Evaluation): EvaluationResult {
    const result = this.slice.evaluations?.get(asked.id);
    if (result !== undefined) return result;
    this.scripts.set(asked.id, asked);
    return this.lack({});
  }

  /** This step cannot be taken without these. What other steps lack is gathered too, and asked for together. */
  lack(needs: Partial<Needs>): never {
    const { rows, data, arrivals } = this.lacking;
    this.lacking = {
      rows: [...rows, ...(needs.rows ?? [])],
      data: [...data, ...(needs.data ?? [])],
      arrivals: [...arrivals, ...(needs.arrivals ?? [])],
    };
    throw LACKING;
  }

  /** Every row of the run is wanted. */
  requireWhole(): void {
    if (this.slice.whole !== null) return;
    this.wantsWhole = true;
    this.lack({});
  }

  get isLacking(): boolean {
    return this.lacking !== NO_NEEDS;
  }

  /** Everything that the steps lacked, each part once. */
  get needs(): Needs {
    const { rows, data, arrivals } = this.lacking;
    return {
      rows: [...new Set(rows)],
      data: [...new Set(data)],
      arrivals: [...new Set(arrivals)],
      ...(this.wantsWhole && { whole: true }),
      ...(this.scripts.size > 0 && { evaluations: [...this.scripts.values()] }),
    };
  }

  /** Ask for several parts in one go; throws when any of them is not there. */
  require(needs: Needs): void {
    if (this.slice.isNew === true) return;
    const isWhole = this.knowsAllRows;
    const rows = isWhole
      ? []
      : needs.rows.filter((key) => !this.puts.has(key) && !this.slice.rows.has(key));
    const data = needs.data.filter(
      (field) => !this.written.has(field) && !this.slice.data.has(field),
    );
    const arrivals = isWhole ? [] : needs.arrivals.filter((join) => !this.slice.arrivals.has(join));
    if (rows.length + data.length + arrivals.length > 0) this.lack({ rows, data, arrivals });
  }

  /** Write a row. What an earlier put of this decision noted to wake or to send the task is forgotten. */
  put(row: TaskRow, isFresh = false): void {
    const earlier = this.puts.get(row.key);
    this.puts.set(row.key, { row, isFresh: isFresh || (earlier?.isFresh ?? false) });
    if (earlier === undefined) return;
    for (const kind of TIMER_KINDS) {
      if (kind !== 'total') this.timers.delete(timerOf(kind, row.key));
    }
    this.letters.delete(`dispatch:${row.key}`);
  }

  keepAttempt(key: TaskKey, attempt: number): void {
    this.kept.push({ type: 'keep-attempt', key, attempt });
  }

  putData(field: DataField, value: Json): void {
    this.written.set(field, value);
  }

  arrive(join: TaskKey, key: TaskKey): void {
    const keys = this.arrived.get(join) ?? new Set();
    this.arrived.set(join, keys.add(key));
  }

  /** The task is as if it had never arrived. */
  leave(join: TaskKey, key: TaskKey): void {
    const keys = this.left.get(join) ?? new Set();
    this.left.set(join, keys.add(key));
  }

  arm(timer: TimerId, delayMs: number): void {
    this.timers.set(timer, Math.max(0, Math.round(delayMs)));
  }

  clear(timer: TimerId): void {
    this.timers.set(timer, null);
  }

  send(letter: Letter): void {
    this.letters.set(letterIdOf(letter), letter);
  }

  patchRun(patch: RunPatch): void {
    this.patch = { ...this.patch, ...patch };
    this.patched = { ...this.patched, ...patch };
  }

  record(event: HistoryEvent): void {
    this.events.push(event);
  }

  /** A full evaluation found something apart. What a reset has left to be entered is no such thing. */
  repair(kind: RepairKind, key: string): void {
    if (this.run.resetting !== null) return;
    this.repairs.push(kind);
    this.record({ type: 'repair.found', kind, key });
  }

  /** Each row that this decision puts, and what was there before. */
  get changes(): readonly { readonly before: TaskRow | null; readonly after: TaskRow }[] {
    return [...this.puts].map(([key, { row }]) => ({
      before: this.slice.rows.get(key) ?? null,
      after: row,
    }));
  }

  nextSeq(): number {
    const seq = this.run.seq + 1;
    this.patchRun({ seq });
    return seq;
  }

  /** Where a run that meets others at this text lives; beside this run when nobody says how many places there are. */
  partitionFor(text: string): number {
    const { partitions } = this;
    return partitions === undefined ? partitionOf(this.run.id) : partitionFor(text, partitions);
  }

  toDecision(): Decision {
    const commands: Command[] = [...this.kept];
    for (const [key, { row, isFresh }] of this.puts) {
      const { rev: presumes = 0, token: presumesToken = '' } = this.slice.rows.get(key) ?? {};
      const wasOpen = this.wasOpen(key);
      commands.push({ type: 'put-task', row, presumes, presumesToken, isFresh, wasOpen });
    }
    for (const [field, value] of this.written) commands.push({ type: 'put-data', field, value });
    for (const [join, keys] of this.left) {
      for (const key of keys) commands.push({ type: 'leave', join, key });
    }
    for (const [join, keys] of this.arrived) {
      for (const key of keys) commands.push({ type: 'arrive', join, key });
    }
    for (const [timer, delayMs] of this.timers) {
      commands.push(
        delayMs === null ? { type: 'clear-timer', timer } : { type: 'arm-timer', timer, delayMs },
      );
    }
    for (const letter of this.letters.values()) commands.push({ type: 'send', letter });
    const patch = this.finalPatch;
    if (Object.keys(patch).length > 0) commands.push({ type: 'patch-run', patch });
    for (const event of this.events) commands.push({ type: 'record', event });
    return {
      commands,
      hasMore: this.hasMore || this.hasUnsettledEnd,
      wasFull: this.slice.whole !== null,
      isEmpty: commands.length === 0,
      repairs: this.repairs,
      absent: [...this.absent].filter((key) => !this.puts.has(key)),
    };
  }

  /** `open`, when it was wrong, as it is after all rows of this decision. */
  private get finalPatch(): RunPatch {
    return this.patch.open === undefined ? this.patch : { ...this.patch, open: this.open };
  }

  private get knowsAllRows(): boolean {
    return this.slice.whole !== null || this.slice.isNew === true;
  }

  /** A terminal row is left for the next decision. */
  private get hasUnsettledEnd(): boolean {
    return [...this.puts.values()].some(({ row }) => isTerminalTask(row.status) && !row.isSettled);
  }

  private wasOpen(key: TaskKey): boolean {
    const row = this.slice.rows.get(key);
    return row !== undefined && row !== null && !row.isSettled;
  }
}
