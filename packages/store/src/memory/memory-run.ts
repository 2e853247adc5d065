import {
  isTerminalRun,
  taskKeyOf,
  type DataField,
  type HistoryEvent,
  type Json,
  type Letter,
  type RecordedEvent,
  type RunState,
  type TaskKey,
  type TaskRow,
  type TimerId,
} from '@joinery/core';

/** What the store keeps in a run's record beside the state that everybody sees. */
export interface Bookkeeping {
  /** Last fence given out by a load. */
  fenceIssued: number;
  /** The version to which the last carried decision brought the run; 0 = there was none. */
  decidedVersion: number;
  /** Loads since the last commit. */
  loads: number;
  /** Since when the run has been dirty without a break; 0 = it is clean. */
  dirtyAt: number;
  /** When a full evaluation was last asked for. */
  fullAt: number;
  isFullDue: boolean;
  /** Fingerprint of the run when a full evaluation found it calm; empty = none has. */
  calm: string;
  /** Request ids of the last operations, oldest first. */
  operations: readonly string[];
}

/** Record of a run, changed in place by the steps of this folder alone. */
export type RunRecord = { -readonly [Field in keyof RunState]: RunState[Field] } & Bookkeeping;

/** A letter that waits for its receiver, and since when. */
export interface PostedLetter {
  readonly letter: Letter;
  readonly at: number;
}

/**
 * Why the sweeper must look at a task: a claim's lease, a claim that was seen to have ended (and is free to be
 * delivered again), a job that may be lost; `letter`: a letter to another run that may be.
 */
export type WatchId = `${WatchKind}:${string}`;
const WATCH_KINDS = ['lease', 'ended', 'check', 'letter'] as const;
export type WatchKind = (typeof WATCH_KINDS)[number];

/**
 * One run: a map for each of its keys in Redis. Earlier attempts stand among the tasks as `<key>@<attempt>`;
 * the scores of `timers` and `watch` are moments, those of `todo` versions.
 */
export interface MemoryRun {
  readonly record: RunRecord;
  readonly tasks: Map<string, TaskRow>;
  readonly data: Map<DataField, Json>;
  readonly history: RecordedEvent[];
  readonly outbox: Map<string, PostedLetter>;
  readonly timers: Map<TimerId, number>;
  readonly watch: Map<WatchId, number>;
  readonly joins: Map<TaskKey, Set<TaskKey>>;
  readonly todo: Map<TaskKey, number>;
  /** Fencing token of each task's last claim; absent after a claim of poison. */
  readonly fences: Map<TaskKey, number>;
  lock: { readonly token: string; readonly endsAt: number } | null;
}

/** Kind and task of an entry of the watch. */
export function parseWatch(id: WatchId): { readonly kind: WatchKind; readonly key: TaskKey } {
  const colon = id.indexOf(':');
  const kind = WATCH_KINDS.find((each) => each === id.slice(0, colon)) ?? 'check';
  return { kind, key: taskKeyOf(id.slice(colon + 1)) };
}

/** What a run counts of itself: apart from what it was, something has happened to it, or behind its back. */
export function fingerprintOf(run: MemoryRun): string {
  const { version, decision, open, dirty, seen } = run.record;
  const arrivals = [...run.joins.values()].reduce((sum, keys) => sum + 1 + keys.size, 0);
  const sizes = [run.timers, run.watch, run.todo, run.outbox].map(({ size }) => size);
  return [version, decision, open, dirty, seen, run.tasks.size, arrivals, ...sizes].join(' ');
}

/** Somebody must decide: an arrival has been stored since the last commit loaded. */
export function isDirty({ record }: MemoryRun): boolean {
  return record.dirty > record.seen;
}

/** Nothing is claimed, completed or sent again: the run has ended or is about to. */
export function isOver({ record }: MemoryRun): boolean {
  return isTerminalRun(record.status) || record.closing !== null;
}

/** Who changes a run, and when. */
export interface Hand {
  readonly now: number;
  readonly actor: string;
}

/** Note whose change was the last. */
export function touch({ record }: MemoryRun, { now, actor }: Hand): void {
  record.updatedAt = now;
  record.lastActor = actor;
}

/** Append to the history; answers the run's new version. */
export function appendEvent(run: MemoryRun, event: HistoryEvent, hand: Hand): number {
  run.record.version += 1;
  run.history.push({ version: run.record.version, at: hand.now, actor: hand.actor, event });
  touch(run, hand);
  return run.record.version;
}

/** Mark the run dirty: a change that no decision has seen. */
export function makeDirty(run: MemoryRun, now: number): void {
  if (!isDirty(run)) run.record.dirtyAt = now;
  run.record.dirty += 1;
}
