import type { BeatItem } from '../run-store.ts';
import { armResponse } from './claim-task.ts';
import { deriveAttention } from './derive-attention.ts';
import { isOver } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';

/** Renew one claim; false = it is lost. Not an event: beats would fill the history. */
export function beatClaim(step: Step, item: BeatItem): boolean {
  const run = findRun(step, item.runId);
  const row = run?.tasks.get(item.key);
  if (run === undefined || row === undefined || isOver(run)) return false;
  if (row.status !== 'IN_PROGRESS') return false;
  if (row.attempt !== item.attempt || row.token !== item.token) return false;
  run.watch.delete(`ended:${row.key}`);
  run.watch.set(`lease:${row.key}`, step.now + item.leaseMs);
  if (item.isProgress) armResponse(step, run, row);
  deriveAttention(step, run);
  return true;
}
