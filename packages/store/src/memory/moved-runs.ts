import type { RunId } from '@joinery/core';
import type { MovedRun } from '../run-findings.ts';
import type { MemoryRun } from './memory-run.ts';
import { partitionAt, partitionOfRun, type Step } from './memory-state.ts';

/** The run's status has changed: views over many runs are to show it. */
export function noteMove(step: Step, { record }: MemoryRun): void {
  partitionOfRun(step, record.id).moved.set(record.id, record.version);
}

/** Runs of a partition that views over many runs have not seen as they are now. */
export function movedRuns(
  step: Step,
  { partition, limit }: { readonly partition: number; readonly limit: number },
): readonly MovedRun[] {
  const marks = [...partitionAt(step, partition).moved];
  return marks
    .toSorted(([a, markA], [b, markB]) => (markA === markB ? compare(a, b) : compare(markA, markB)))
    .slice(0, limit)
    .map(([runId, mark]) => ({ runId, mark }));
}

/** The marks go, but for those of runs that have moved again. */
export function settleMoved(
  step: Step,
  { partition, moved }: { readonly partition: number; readonly moved: readonly MovedRun[] },
): number {
  const marks = partitionAt(step, partition).moved;
  const settled = moved.filter(({ runId, mark }) => marks.get(runId) === mark);
  for (const { runId } of settled) marks.delete(runId);
  return settled.length;
}

/** Marks runs as moved that are not. */
export function markMoved(
  step: Step,
  { partition, runIds }: { readonly partition: number; readonly runIds: readonly RunId[] },
): void {
  const marks = partitionAt(step, partition).moved;
  for (const runId of runIds) if (!marks.has(runId)) marks.set(runId, 0);
}

function compare<T extends string | number>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
