import { isTerminalRun } from '@joinery/core';
import type { MemoryRun } from './memory-run.ts';
import { partitionOfRun, type Step } from './memory-state.ts';

/** What every decision leaves in the record of its run, whether a coordinator commits it or a result carries it. */
export function noteDecision(
  { now }: Step,
  { record }: MemoryRun,
  { nextNonce, fence }: { readonly nextNonce: string; readonly fence: number },
): void {
  record.decision += 1;
  record.nonce = nextNonce;
  record.fence = fence;
  // One that was issued before a loss of writes counts, too.
  record.fenceIssued = Math.max(record.fenceIssued, fence);
  record.loads = 0;
  record.lastDecidedAt = now;
}

/** The run has just ended, or just been opened again. */
export function noteEnd(step: Step, { record }: MemoryRun): void {
  record.endedAt = isTerminalRun(record.status) ? step.now : 0;
  partitionOfRun(step, record.id).expiry.delete(record.id);
}
