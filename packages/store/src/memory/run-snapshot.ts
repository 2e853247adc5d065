import type { DataField, Json, RecordedEvent, RunId, TaskRow } from '@joinery/core';
import type { PostedLetter, RunRecord } from './memory-run.ts';
import { partitionOfRun, type Step } from './memory-state.ts';

type Scores = Readonly<Record<string, number>>;

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
  const { runs, attention, expiry, moved, unsent } = partitionOfRun(step, runId);
  const run = runs.get(runId);
  if (run === undefined) return null;
  const mine = [...unsent].filter(([id]) => id.startsWith(`${runId} `));
  return {
    record: { ...run.record },
    tasks: Object.fromEntries(run.tasks),
    data: Object.fromEntries(run.data),
    history: [...run.history],
    outbox: Object.fromEntries(run.outbox),
    timers: Object.fromEntries(run.timers),
    watch: Object.fromEntries(run.watch),
    joins: Object.fromEntries([...run.joins].map(([join, keys]) => [join, [...keys].toSorted()])),
    todo: Object.fromEntries(run.todo),
    fences: Object.fromEntries(run.fences),
    lock: run.lock !== null && run.lock.endsAt > step.now ? run.lock.token : null,
    attention: attention.get(runId) ?? null,
    expiry: expiry.get(runId) ?? null,
    moved: moved.get(runId) ?? null,
    unsent: Object.fromEntries(mine.map(([id, at]) => [id.slice(runId.length + 1), at])),
  };
}
