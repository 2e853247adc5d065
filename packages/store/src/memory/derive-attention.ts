import { isTerminalRun } from '@joinery/core';
import { firstScore } from './due-entries.ts';
import { isDirty, type MemoryRun } from './memory-run.ts';
import { partitionOfRun, type Step } from './memory-state.ts';
import { FIRST_CHECK_MS } from './task-watch.ts';

/** How soon somebody looks at a run that waits for a decision: the nudge should have been faster, so this is the net. */
const DIRTY_LOOK_MS = 500;

/**
 * The next moment at which somebody must look at the run. Every step that changes a run ends here; nobody else writes
 * attention, except a take, which moves the moment on, and a failover, which makes everything due.
 */
export function deriveAttention(step: Step, run: MemoryRun): void {
  const { id, status } = run.record;
  const { attention, expiry } = partitionOfRun(step, id);
  const isTerminal = isTerminalRun(status);
  if (isTerminal && run.outbox.size === 0) {
    attention.delete(id);
    const { completedMs, otherMs } = step.bounds.retention;
    expiry.set(id, step.now + (status === 'COMPLETED' ? completedMs : otherMs));
  } else {
    // Its letters must find it: it is not purged before they are acknowledged.
    if (isTerminal) expiry.delete(id);
    attention.set(id, Math.min(step.now + step.bounds.maxSweepAgeMs, firstReason(run, step.now)));
  }
}

function firstReason(run: MemoryRun, now: number): number {
  const { status } = run.record;
  if (isTerminalRun(status)) return now + FIRST_CHECK_MS;
  const firstWatch = firstScore(run.watch);
  if (status === 'PAUSED') return firstWatch;
  const isWaiting = isDirty(run) || run.record.isFullDue || run.record.closing !== null;
  const look = isWaiting ? now + DIRTY_LOOK_MS : Number.POSITIVE_INFINITY;
  return Math.min(look, firstWatch, firstScore(run.timers));
}
