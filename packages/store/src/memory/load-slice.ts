import {
  isTerminalRun,
  isTerminalTask,
  parseTimer,
  type OpenPage,
  type RunState,
  type Slice,
  type TaskKey,
  type TimerId,
} from '@joinery/core';
import { type LoadArgs, type LoadReply, SUSPECT_LOADS } from '../run-store.ts';
import { deriveAttention } from './derive-attention.ts';
import { dueEntries, firstScore, inOrder } from './due-entries.ts';
import { isDirty, type MemoryRun } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';
import { stateOf } from './run-state-of.ts';

/** Rows, timers and open rows that one slice brings at most: what a decision can act upon in one script. */
export const SLICE_LIMIT = 256;

/** Read what a decision needs first, issue a fence, and take the fused lock. */
export function loadSlice(
  step: Step,
  { runId, lock, isForced, isAlone = false, patienceMs = 0 }: LoadArgs,
): LoadReply {
  const run = findRun(step, runId);
  if (run === undefined) return { type: 'gone' };
  const { record } = run;
  if (!isForced && !needsDecision(run, step.now)) return { type: 'clean', status: record.status };
  const isHeld = run.lock !== null && run.lock.endsAt > step.now && run.lock.token !== lock?.token;
  const hasLock = lock !== null && !isHeld;
  const patience = lock?.overtakeAfterMs ?? patienceMs;
  const isPatient = lock !== null || patienceMs > 0;
  const waitedMs = step.now - wantedSince(step, run);
  if (isPatient && !hasLock && waitedMs <= patience) return { type: 'busy', waitedMs };
  if (hasLock) run.lock = { token: lock.token, endsAt: step.now + lock.leaseMs };
  record.fenceIssued += 1;
  if (isAlone || record.loads < SUSPECT_LOADS) record.loads += 1;
  deriveAttention(step, run);
  return {
    type: 'slice',
    slice: sliceOf(run, step.now),
    fence: record.fenceIssued,
    loads: record.loads,
    isFullDue: record.isFullDue,
    hasLock,
  };
}

/** Since when a decision has been wanted; now when none is. */
export function waitingSince({ now }: Step, run: MemoryRun): number {
  if (isDirty(run)) return run.record.dirtyAt;
  return dueTimers(run, now).length > 0 ? firstScore(run.timers) : now;
}

/** As `waitingSince`, of a run for which somebody has asked: its closing goes on, or it is to be evaluated in full. */
function wantedSince(step: Step, run: MemoryRun): number {
  const { closing, lastDecidedAt, isFullDue, fullAt } = run.record;
  if (isDirty(run) || dueTimers(run, step.now).length > 0) return waitingSince(step, run);
  if (closing !== null) return lastDecidedAt;
  return isFullDue ? fullAt : step.now;
}

/** Something waits for a decision. While a run is paused, arrivals and timers wait with it. */
export function needsDecision(run: MemoryRun, now: number): boolean {
  const { status, isFullDue, closing } = run.record;
  if (isTerminalRun(status)) return false;
  if (isFullDue || closing !== null) return true;
  return status === 'RUNNING' && (isDirty(run) || dueTimers(run, now).length > 0);
}

function dueTimers(run: MemoryRun, now: number): readonly TimerId[] {
  return run.record.status === 'RUNNING' ? dueEntries(run.timers, now, SLICE_LIMIT) : [];
}

function sliceOf(run: MemoryRun, now: number): Slice {
  const due = dueTimers(run, now);
  const todo = inOrder(run.todo)
    .slice(0, SLICE_LIMIT)
    .map(([key]) => key);
  const openPage = openPageOf(run);
  const keys = new Set<TaskKey>(todo);
  for (const timer of due) {
    const parsed = parseTimer(timer);
    if (parsed !== null) keys.add(parsed.key);
  }
  for (const row of openPage?.rows ?? []) keys.add(row.key);
  const state: RunState = stateOf(run);
  return {
    run: state,
    rows: new Map([...keys].map((key) => [key, run.tasks.get(key) ?? null])),
    data: new Map(),
    arrivals: new Map(),
    todo,
    hasMoreTodo: run.todo.size > todo.length,
    due,
    openPage,
    whole: null,
    at: now,
  };
}

function openPageOf(run: MemoryRun): OpenPage | null {
  if (run.record.closing === null) return null;
  const open = [...run.tasks]
    .filter(([field, row]) => field === row.key && !isTerminalTask(row.status))
    .map(([, row]) => row);
  return { rows: open.slice(0, SLICE_LIMIT), hasMore: open.length > SLICE_LIMIT };
}
