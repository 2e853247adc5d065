import { isTerminalRun, partitionOf, type RunId } from '@joinery/core';
import { IDEMPOTENCY_KEPT_MS } from '../idempotency-kept.ts';
import { dueEntries } from './due-entries.ts';
import { findRun, partitionAt, type Step } from './memory-state.ts';

/** When a child is to be thought of again whose parent was alive. More keeps it for longer than need be. */
export const PARENT_LIVES_MS = 3_600_000;

/** Remove the run whose retention ended first. In memory one step is always enough. */
export function purgeRun(
  step: Step,
  { partition: index, limit }: { readonly partition: number; readonly limit: number },
): { readonly purged: number; readonly hasMore: boolean } {
  const { expiry } = partitionAt(step, index);
  postponeChildren(step, dueEntries(expiry, step.now), expiry);
  const due = dueEntries(expiry, step.now);
  const purged = due.slice(0, limit);
  for (const runId of purged) forgetRun(step, runId);
  return { purged: purged.length, hasMore: due.length > purged.length };
}

/** Remove a run before its retention is over. */
export function removeRun(step: Step, runId: RunId): 'removed' | 'kept' | 'gone' {
  if (findRun(step, runId) === undefined) return 'gone';
  const { expiry } = partitionAt(step, partitionOf(runId));
  if (!expiry.has(runId) || isParentAlive(step, runId)) return 'kept';
  forgetRun(step, runId);
  return 'removed';
}

function forgetRun(step: Step, runId: RunId): void {
  const { runs, attention, expiry, moved, idempotency } = partitionAt(step, partitionOf(runId));
  const run = runs.get(runId);
  const name = `${run?.record.definition}\0${run?.record.idempotencyKey}`;
  if (run !== undefined && idempotency.get(name)?.runId === runId) {
    const { status } = run.record;
    const knownUntil = step.now + IDEMPOTENCY_KEPT_MS;
    idempotency.set(name, { runId, purged: { status, knownUntil } });
  }
  runs.delete(runId);
  attention.delete(runId);
  expiry.delete(runId);
  moved.set(runId, Number.POSITIVE_INFINITY);
}

/** Whoever looks at a live run wants to see its children. */
function postponeChildren(step: Step, due: readonly RunId[], expiry: Map<RunId, number>): void {
  for (const runId of due) {
    if (!isParentAlive(step, runId)) continue;
    expiry.set(runId, step.now + PARENT_LIVES_MS);
  }
}

function isParentAlive(step: Step, runId: RunId): boolean {
  const parentId = findRun(step, runId)?.record.parent?.runId;
  const parent = parentId === undefined ? undefined : findRun(step, parentId);
  return parent !== undefined && !isTerminalRun(parent.record.status);
}
