import { isTerminalRun, type RunId } from '@joinery/core';
import { type AccuseRun } from './check-history.ts';
import { type RunEvidence } from './evidence.ts';

/** What was left of a run in places from which ended runs must go. */
export interface Leftover {
  readonly runId: RunId;
  readonly isInAttention: boolean;
  readonly letterCount: number;
  /** What the run's lock was still good for, ms; 0 = nobody holds it. */
  readonly lockLeftMs: number;
}

/** H23, H24: ended runs leave nothing behind. */
export function judgeLeftovers(
  evidence: readonly RunEvidence[],
  { leftovers, leaseMs }: { readonly leftovers: readonly Leftover[]; readonly leaseMs: number },
  accuse: AccuseRun,
): void {
  const ended = new Set(
    evidence.filter(({ run }) => run && isTerminalRun(run.status)).map(({ runId }) => runId),
  );
  for (const { runId, isInAttention, letterCount, lockLeftMs } of leftovers) {
    if (!ended.has(runId)) continue;
    if (isInAttention) accuse(runId, 'H23', 'it has ended and is still in attention');
    if (letterCount > 0) accuse(runId, 'H23', `it has ended and ${letterCount} letters wait`);
    if (lockLeftMs > leaseMs) {
      accuse(runId, 'H24', `its lock holds for ${lockLeftMs} ms, a lease is ${leaseMs} ms`);
    }
  }
}
