import type { TaskRow } from '@joinery/core';
import { touch, type MemoryRun } from './memory-run.ts';
import type { Step } from './memory-state.ts';
import { disarmTask } from './task-watch.ts';

/** Whose claim it is, and for how long. */
export interface Claim {
  readonly token: string;
  readonly worker: string;
  readonly leaseMs: number;
}

/** Bind the row to a claim, with nothing armed but its lease: the claim confirms the dispatch, so its letter is done. */
export function bindClaim(
  step: Step,
  run: MemoryRun,
  { row, claim }: { readonly row: TaskRow; readonly claim: Claim },
): TaskRow {
  const { token, worker, leaseMs } = claim;
  const taken = { ...row, status: 'IN_PROGRESS', token, worker, rev: row.rev + 1 } as const;
  disarmTask(step, run, row.key);
  run.tasks.set(row.key, Object.freeze(taken));
  run.watch.set(`lease:${row.key}`, step.now + leaseMs);
  return taken;
}

/** Delivered too often without a result: the caller takes the row only to complete it as lost. No delivery more. */
export function takePoison(
  step: Step,
  run: MemoryRun,
  args: { readonly row: TaskRow; readonly claim: Claim; readonly actor: string },
): { readonly type: 'poison'; readonly token: string; readonly deliveries: number } {
  const { token, deliveries } = bindClaim(step, run, args);
  run.fences.delete(args.row.key);
  touch(run, { now: step.now, actor: args.actor });
  return { type: 'poison', token, deliveries };
}
