import {
  isTerminalTask,
  timerOf,
  type DispatchLetter,
  type TaskRow,
  workerTypeOf,
} from '@joinery/core';
import type { RedeliverArgs, RedeliverReply } from '../run-store.ts';
import { takePoison } from './bind-claim.ts';
import { isLeased } from './claim-task.ts';
import { deriveAttention } from './derive-attention.ts';
import { appendEvent, isOver, type MemoryRun } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';
import { disarmTask, postLetter } from './task-watch.ts';

/** How long whoever found the poison has to fail the attempt before somebody else tries. */
const POISON_LEASE_MS = 3_000;

/** Send an attempt again under a new dispatch number; `freshToken` claims it when it is poison. */
export function redeliverTask(
  step: Step,
  args: RedeliverArgs & { readonly freshToken: string },
): RedeliverReply {
  const run = findRun(step, args.runId);
  if (run === undefined) return { type: 'gone' };
  const row = run.tasks.get(args.key);
  if (isOver(run) || !isCurrent(row, args) || !isFree(step, run, { row, token: args.token })) {
    return { type: 'unchanged' };
  }
  const claim = { token: args.freshToken, worker: row.worker, leaseMs: POISON_LEASE_MS };
  const reply =
    args.output === undefined && row.deliveries >= row.maxDeliveries
      ? takePoison(step, run, { row, claim, actor: args.actor })
      : sendAgain(step, run, { row, args });
  deriveAttention(step, run);
  return reply;
}

function isCurrent(row: TaskRow | undefined, args: RedeliverArgs): row is TaskRow {
  if (row === undefined || isTerminalTask(row.status)) return false;
  return row.attempt === args.attempt && row.dispatch === args.dispatch;
}

/** Handed back by its holder; or by anybody when there is none. */
function isFree(
  step: Step,
  run: MemoryRun,
  { row, token }: { readonly row: TaskRow; readonly token: string },
): boolean {
  if (token !== '') return row.token === token;
  return row.status !== 'IN_PROGRESS' || !isLeased(step, run, row);
}

function sendAgain(
  step: Step,
  run: MemoryRun,
  { row, args }: { readonly row: TaskRow; readonly args: RedeliverArgs },
): RedeliverReply {
  const { key, attempt } = row;
  const { repair, delayMs, output, actor } = args;
  const dispatch = row.dispatch + 1;
  const maxDeliveries = row.maxDeliveries + (output === undefined ? 0 : 1);
  const back = { status: 'SCHEDULED', token: '', dispatch, maxDeliveries } as const;
  const scheduled = { ...row, ...back, rev: row.rev + 1 };
  // The time to be polled runs on from the first dispatch; after a claim it begins anew.
  const pollAt = run.timers.get(timerOf('poll', key)) ?? step.now + row.pollTimeoutMs;
  disarmTask(step, run, key);
  if (row.pollTimeoutMs > 0) run.timers.set(timerOf('poll', key), pollAt);
  if (delayMs > 0) run.timers.set(timerOf('delay', key), step.now + delayMs);
  run.tasks.set(key, Object.freeze(scheduled));
  if (output !== undefined) run.data.set(`o:${key}`, output);
  const letter = letterOf(row, dispatch);
  postLetter(step, run, letter);
  const hand = { now: step.now, actor };
  appendEvent(run, { type: 'task.redelivered', key, attempt, why: repair ?? 'handed-back' }, hand);
  if (repair !== null) appendEvent(run, { type: 'repair.found', kind: repair, key }, hand);
  return { type: 'redelivered', letter };
}

/** The letter that asks for the attempt of a row. */
export function letterOf(row: TaskRow, dispatch: number): DispatchLetter {
  const { key, ref, attempt, priority, limits } = row;
  const taskType = workerTypeOf(row);
  const letter = { type: 'dispatch', key, ref, taskType, attempt, dispatch, priority } as const;
  return limits === undefined ? letter : { ...letter, limits };
}
