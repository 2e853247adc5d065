import type { RunId } from '@joinery/core';
import type { TakeReply } from '../run-findings.ts';
import { inOrder } from './due-entries.ts';
import { partitionAt, type MemoryPartition, type Step } from './memory-state.ts';

/** When a taken run comes again, should its taker die before the look. */
const TAKEN_FOR_MS = 1_000;

/** A longer step of the clock between two takes is an outage, not a slow sweeper. */
const OUTAGE_MS = 10_000;

/** So often all runs are compared with attention. The other store compares a page of them each time. */
const AUDIT_INTERVAL_MS = 10_000;

/** Take the runs at which somebody must look now. None leaves attention: its moment moves on. */
export function takeDue(
  step: Step,
  { partition: index, limit }: { readonly partition: number; readonly limit: number },
): TakeReply {
  const partition = partitionAt(step, index);
  // A moment that no step could have set from here means that the clock has gone back since.
  const beyond = step.now + 2 * step.bounds.maxSweepAgeMs;
  const forgotten = forgottenRuns(step, partition);
  for (const runId of forgotten) partition.attention.set(runId, step.now);
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
  return { runIds, now: step.now, gapMs: gapMs > OUTAGE_MS ? gapMs : 0, forgotten };
}

/** Runs that nobody would ever look at. */
function forgottenRuns({ now }: Step, partition: MemoryPartition): readonly RunId[] {
  const { auditedAt, attention, expiry, runs } = partition;
  if (auditedAt !== null && now >= auditedAt && now - auditedAt < AUDIT_INTERVAL_MS) return [];
  partition.auditedAt = now;
  return [...runs.keys()].filter((runId) => !attention.has(runId) && !expiry.has(runId));
}
