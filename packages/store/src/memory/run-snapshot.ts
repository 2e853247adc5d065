import type { DataField, Json, RecordedEvent, RunId, TaskRow } from '@joinery/core';
import type { PostedLetter, RunRecord } from './memory-run.ts';
import type { Step } from './memory-state.ts';
import { viewRun } from './run-view.ts';

/** Members with their scores. */
export type Scores = Readonly<Record<string, number>>;

/** Everything that is kept of a run, as plain JSON: what tests compare. */
export interface RunSnapshot {
  readonly record: Readonly<RunRecord>;
  /** Earlier attempts as `<key>@<attempt>`. */
  readonly tasks: Readonly<Record<string, TaskRow>>;
  readonly data: Readonly<Partial<Record<DataField, Json>>>;
  readonly history: readonly RecordedEvent[];
  readonly outbox: Readonly<Record<string, PostedLetter>>;
  readonly timers: Scores;
  readonly watch: Scores;
  /** Arrivals of each join, sorted. */
  readonly joins: Readonly<Record<string, readonly string[]>>;
  readonly todo: Scores;
  /** Fencing tokens of the last claims, by task. */
  readonly fences: Scores;
  /** Token of the fused lock; null = free. */
  readonly lock: string | null;
  /** Moments of the run in its partition's indexes; null = it is not there. */
  readonly attention: number | null;
  readonly expiry: number | null;
  /** Mark for views over many runs; null = they have seen it. */
  readonly moved: number | null;
  readonly unsent: Scores;
}

/** Look at a run from all sides; null when there is none. */
export function snapshotRun(step: Step, runId: RunId): RunSnapshot | null {
  const view = viewRun(step, runId);
  if (view === null) return null;
  const { record, tasks, data, history, outbox, timers, watch, joins } = view;
  const { todo, fences, lock, attention, expiry, moved, unsent } = view;
  const sides = { tasks, data, outbox, timers, watch, joins, todo, fences, lock, attention };
  return { record: { ...record }, history: [...history], ...sides, expiry, moved, unsent };
}
