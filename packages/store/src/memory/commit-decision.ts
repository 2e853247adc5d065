import { isTerminalRun } from '@joinery/core';
import type { CommitArgs, CommitReply, FusedLock } from '../run-store.ts';
import { applyCommands, arePresumptionsMet } from './apply-commands.ts';
import { deriveAttention } from './derive-attention.ts';
import { fingerprintOf, isDirty, touch, type MemoryRun } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';
import { noteDecision, noteEnd } from './note-decision.ts';

/** Operations that a run remembers, so that a resend changes nothing. More make the record longer. */
const OPERATION_LIMIT = 32;

/** Apply a decision: all of it, or nothing. */
export function commitDecision(step: Step, args: CommitArgs): CommitReply {
  const run = findRun(step, args.runId);
  if (run === undefined) return { type: 'gone' };
  const { record } = run;
  if (isRepeated(run, args)) {
    return { type: 'repeated', status: record.status, isDirty: isDirty(run) };
  }
  const refusedBy = guardAgainst(run, args);
  if (refusedBy !== null) return { type: 'refused', by: refusedBy };
  const wasTerminal = isTerminalRun(record.status);
  applyCommands(step, run, args);
  markDecided(step, run, args);
  if (isTerminalRun(record.status) !== wasTerminal) noteEnd(step, run);
  giveBack(step, run, args.lock);
  deriveAttention(step, run);
  return {
    type: 'committed',
    version: record.version,
    status: record.status,
    isDirty: isDirty(run),
  };
}

function isRepeated({ record }: MemoryRun, { nextNonce, requestId }: CommitArgs): boolean {
  return record.nonce === nextNonce || (requestId !== '' && record.operations.includes(requestId));
}

function guardAgainst(run: MemoryRun, args: CommitArgs): 'decision' | 'fence' | 'task' | null {
  const { decision, nonce, fence } = run.record;
  if (args.decision !== decision || args.nonce !== nonce) return 'decision';
  if (args.fence <= fence) return 'fence';
  return arePresumptionsMet(run, args.commands) ? null : 'task';
}

function markDecided(step: Step, run: MemoryRun, args: CommitArgs): void {
  const { now } = step;
  noteDecision(step, run, args);
  const { record } = run;
  touch(run, { now, actor: args.actor });
  if (!args.hasMore) record.seen = Math.max(record.seen, Math.min(args.dirty, record.dirty));
  // A decision on a due timer alone finds the run clean: without this its second step would wait for a sweep.
  else if (!isDirty(run)) record.dirty += 1;
  record.dirtyAt = isDirty(run) ? now : 0;
  if (args.wasFull) {
    record.isFullDue = false;
    const isCalm = args.isCalm && args.commands.length === 0 && !args.hasMore && !isDirty(run);
    record.calm = isCalm ? fingerprintOf(run) : '';
  }
  if (args.requestId !== '') {
    record.operations = [...record.operations, args.requestId].slice(-OPERATION_LIMIT);
  }
}

/** Whoever commits while new arrivals wait goes on under the same lock; otherwise it is free at once. */
function giveBack({ now }: Step, run: MemoryRun, lock: FusedLock | null): void {
  if (isTerminalRun(run.record.status)) {
    run.lock = null;
  } else if (lock !== null && run.lock?.token === lock.token) {
    run.lock = isDirty(run) ? { token: lock.token, endsAt: now + lock.leaseMs } : null;
  }
}
