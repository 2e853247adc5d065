import type { TakeReply } from '../run-findings.ts';
import { inOrder } from './due-entries.ts';
import { partitionAt, type Step } from './memory-state.ts';

/** When a taken run comes again, should its taker die before the look. */
const TAKEN_FOR_MS = 1_000;

/** A longer step of the clock between two takes is an outage, not a slow sweeper. */
const OUTAGE_MS = 10_000;

/** Take the runs at which somebody must look now. None leaves attention: its moment moves on. */
export function takeDue(
  step: Step,
  { partition: index, limit }: { readonly partition: number; readonly limit: number },
): TakeReply {
  const partition = partitionAt(step, index);
  // A moment that no step could have set from here means that the clock has gone back since.
  const beyond = step.now + 2 * step.bounds.maxSweepAgeMs;
  const entries = inOrder(partition.attention);
  const runIds = [
    ...entries.filter(([, at]) => at <= step.now),
    ...entries.filter(([, at]) => at > beyond),
  ]
    .slice(0, limit)
    .map(([runId]) => runId);
  for (const runId of runIds) partition.attention.set(runId, step.now + TAKEN_FOR_MS);
  const gapMs = partition.takenAt === null ? 0 : step.now - partition.takenAt;
  partition.takenAt = step.now;
  return { runIds, now: step.now, gapMs: gapMs > OUTAGE_MS ? gapMs : 0 };
}
