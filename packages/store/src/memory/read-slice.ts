import type { Needs, RunId, Slice, TaskKey, TaskRow } from '@joinery/core';
import { parseWatch, type MemoryRun, type WatchKind } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';

/** Rows, payloads and arrival counts by name; what is not there is null, or zero arrivals. */
export function readSlice(
  step: Step,
  { runId, needs }: { readonly runId: RunId; readonly needs: Needs },
): Pick<Slice, 'rows' | 'data' | 'arrivals'> | null {
  const run = findRun(step, runId);
  if (run === undefined) return null;
  return {
    rows: new Map(needs.rows.map((key) => [key, run.tasks.get(key) ?? null])),
    data: new Map(needs.data.map((field) => [field, run.data.get(field) ?? null])),
    arrivals: new Map(needs.arrivals.map((join) => [join, run.joins.get(join)?.size ?? 0])),
  };
}

/** Every current row, every arrival count, and what watches over the rows. */
export function readWhole(
  step: Step,
  runId: RunId,
): Pick<Slice, 'rows' | 'arrivals' | 'whole'> | null {
  const run = findRun(step, runId);
  if (run === undefined) return null;
  return {
    rows: new Map(currentRows(run).map((row) => [row.key, row])),
    arrivals: new Map([...run.joins].map(([join, keys]) => [join, keys.size])),
    whole: {
      timers: new Set(run.timers.keys()),
      leases: watchedKeys(run, ['lease', 'ended']),
      checks: watchedKeys(run, ['check']),
    },
  };
}

function currentRows(run: MemoryRun): readonly TaskRow[] {
  return [...run.tasks].filter(([field, row]) => field === row.key).map(([, row]) => row);
}

function watchedKeys(run: MemoryRun, kinds: readonly WatchKind[]): ReadonlySet<TaskKey> {
  const watches = [...run.watch.keys()].map(parseWatch);
  return new Set(watches.filter(({ kind }) => kinds.includes(kind)).map(({ key }) => key));
}
