import { isTerminalTask, timerOf, type TaskRow } from '@joinery/core';
import type { ClaimArgs, ClaimReply } from '../run-store.ts';
import { bindClaim, takePoison } from './bind-claim.ts';
import { deriveAttention } from './derive-attention.ts';
import { appendEvent, isOver, type MemoryRun } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';
import { stateOf } from './run-state-of.ts';

/** Take one attempt for a worker. */
export function claimTask(step: Step, args: ClaimArgs): ClaimReply {
  const run = findRun(step, args.runId);
  if (run === undefined) return { type: 'gone' };
  const row = run.tasks.get(args.key);
  if (isOver(run) || !isCurrent(row, args)) return { type: 'stale' };
  if (row.status === 'IN_PROGRESS') {
    if (row.token === args.token) return claimAgain(run, row);
    if (isLeased(step, run, row)) return { type: 'held', worker: row.worker };
  }
  if (row.dispatch !== args.dispatch) return { type: 'stale' };
  const startsAt = run.timers.get(timerOf('delay', row.key)) ?? 0;
  if (startsAt > step.now) return { type: 'early', waitMs: startsAt - step.now };
  const claim = { token: args.token, worker: args.worker, leaseMs: args.leaseMs };
  const reply =
    row.deliveries >= row.maxDeliveries
      ? takePoison(step, run, { row, claim, actor: args.actor })
      : deliver(step, run, { row, args });
  deriveAttention(step, run);
  return reply;
}

/** A claim of this row is alive by its lease. */
export function isLeased({ now }: Step, run: MemoryRun, { key }: TaskRow): boolean {
  return (run.watch.get(`lease:${key}`) ?? 0) > now;
}

function isCurrent(row: TaskRow | undefined, { attempt }: ClaimArgs): row is TaskRow {
  return row !== undefined && row.attempt === attempt && !isTerminalTask(row.status);
}

function deliver(
  step: Step,
  run: MemoryRun,
  { row, args }: { readonly row: TaskRow; readonly args: ClaimArgs },
): ClaimReply {
  const { key, attempt, token, worker, leaseMs, actor } = args;
  const delivery = row.deliveries + 1;
  const claim = { token, worker, leaseMs };
  const taken = bindClaim(step, run, {
    row: { ...row, deliveries: delivery, startedAt: step.now },
    claim,
  });
  if (row.timeoutMs > 0) run.timers.set(timerOf('timeout', key), step.now + row.timeoutMs);
  armResponse(step, run, row);
  const event = { type: 'task.started', key, attempt, delivery, worker, token } as const;
  const fence = appendEvent(run, event, { now: step.now, actor });
  run.fences.set(key, fence);
  return claimed(run, taken, fence);
}

/** The handler has given a sign of life. */
export function armResponse(step: Step, run: MemoryRun, row: TaskRow): void {
  if (row.responseTimeoutMs === 0) return;
  run.timers.set(timerOf('response', row.key), step.now + row.responseTimeoutMs);
}

/** The reply of the first claim with this token once more. Only a claim of poison has no fencing token. */
function claimAgain(run: MemoryRun, row: TaskRow): ClaimReply {
  const fence = run.fences.get(row.key);
  if (fence !== undefined) return claimed(run, row, fence);
  return { type: 'poison', token: row.token, deliveries: row.deliveries };
}

function claimed(run: MemoryRun, row: TaskRow, fencingToken: number): ClaimReply {
  const input = run.data.get(`i:${row.key}`) ?? {};
  return { type: 'claimed', row, input, fencingToken, run: stateOf(run) };
}
