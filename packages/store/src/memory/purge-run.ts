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
    const { definition, idempotencyKey } = runs.get(runId)?.record ?? {};
    const name = `${definition}\0${idempotencyKey}`;
    if (idempotency.get(name) === runId) idempotency.delete(name);
    runs.delete(runId);
    attention.delete(runId);
    expiry.delete(runId);
  }
  return { purged: purged.length, hasMore: due.length > purged.length };
}
