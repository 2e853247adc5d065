import { IDEMPOTENCY_KEPT_MS } from '../idempotency-kept.ts';
import { dueEntries } from './due-entries.ts';
import { partitionAt, type Step } from './memory-state.ts';

/** Remove the run whose retention ended first. In memory one step is always enough. */
export function purgeRun(
  step: Step,
  { partition: index, limit }: { readonly partition: number; readonly limit: number },
): { readonly purged: number; readonly hasMore: boolean } {
  const { runs, attention, expiry, idempotency } = partitionAt(step, index);
  const due = dueEntries(expiry, step.now);
  const purged = due.slice(0, limit);
  for (const runId of purged) {
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
  }
  return { purged: purged.length, hasMore: due.length > purged.length };
}
