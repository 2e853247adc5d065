import { type RunId } from '@joinery/core';
import { type AccuseRun } from './check-history.ts';
import { type RunEvidence } from './evidence.ts';

/** One call of a client for one start. `info`: no answer came, it may have been done or not. */
export interface ClientCall {
  readonly idempotencyKey: string;
  /** The run that the client asked for, or was told of. */
  readonly runId: RunId | null;
  readonly outcome: 'ok' | 'info';
}

/** H3: what was acknowledged exists, and one key is one run. */
export function judgeClients(
  evidence: readonly RunEvidence[],
  calls: readonly ClientCall[],
  accuse: AccuseRun,
): void {
  const found = new Map(evidence.map((each) => [each.runId, each]));
  const told = new Map<string, RunId>();
  for (const { idempotencyKey, runId, outcome } of calls) {
    if (outcome !== 'ok' || runId === null) continue;
    const before = told.get(idempotencyKey);
    if (before !== undefined && before !== runId) {
      accuse(runId, 'H3', `${idempotencyKey} was answered with ${before} before`);
    }
    told.set(idempotencyKey, runId);
    if (!found.get(runId)?.run) accuse(runId, 'H3', `it was acknowledged and is not there`);
  }
  const owners = new Map<string, RunId>();
  for (const { runId, run } of evidence) {
    if (run === null || run.idempotencyKey === '') continue;
    const owner = owners.get(run.idempotencyKey);
    if (owner !== undefined) accuse(runId, 'H3', `${owner} has the same idempotency key`);
    owners.set(run.idempotencyKey, runId);
  }
}
