import {
  isTerminalRun,
  type DispatchLetter,
  type Letter,
  type RunId,
  type RunLetter,
  type TaskKey,
} from '@joinery/core';
import type { Finding } from '../run-findings.ts';
import { deriveAttention } from './derive-attention.ts';
import { dueEntries } from './due-entries.ts';
import { needsDecision, waitingSince } from './load-slice.ts';
import {
  fingerprintOf,
  parseWatch,
  type MemoryRun,
  type PostedLetter,
  type WatchKind,
} from './memory-run.ts';
import { partitionAt, type Step } from './memory-state.ts';
import { letterOf } from './redeliver-task.ts';
import { FIRST_CHECK_MS, letterWatch } from './task-watch.ts';

/** Due entries of one kind that one look at one run reports; the rest are due still, and come with the next look. */
const LOOK_LIMIT = 64;

/** Ended claims come again after this: long enough for their redelivery. */
const LOOK_AGAIN_MS = 1_000;

/** Checks back off with the letter's age up to this. Later checks would find lost jobs later than the sweep promises. */
const LAST_CHECK_MS = 30_000;

/** Look at one run of a partition. A run that is gone leaves attention; this is the one place. */
export function lookAtRun(
  step: Step,
  { partition: index, runId }: { readonly partition: number; readonly runId: RunId },
): Finding | null {
  const partition = partitionAt(step, index);
  const run = partition.runs.get(runId);
  if (run === undefined) {
    partition.attention.delete(runId);
    return null;
  }
  const { record } = run;
  const isEnded = isTerminalRun(record.status);
  const isFull = isFullOver(step, run);
  const watched = isEnded ? lookAtEnded(step, run) : lookAtWatch(step, run);
  if (isFull) {
    record.isFullDue = true;
    record.fullAt = step.now;
  }
  deriveAttention(step, run);
  const { status, definition } = record;
  return {
    runId,
    status,
    definition,
    needsDecision: needsDecision(run, step.now),
    isFullDue: !isEnded && record.isFullDue,
    waitingMs: status === 'RUNNING' ? Math.max(0, step.now - waitingSince(step, run)) : 0,
    endedClaims: watched.endedClaims,
    checks: watched.checks.map(({ letter, at }) => ({ runId, definition, letter, at })),
    letters: watched.letters.map(({ letter, at }) => ({ runId, definition, letter, at })),
    corrupt: '',
  };
}

/** A full evaluation that found the run calm holds for long, as long as its fingerprint does. */
function isFullOver({ now, bounds }: Step, run: MemoryRun): boolean {
  const { status, fullAt, calm, lastDecidedAt } = run.record;
  if (status !== 'RUNNING' || now - fullAt < bounds.fullDecideIntervalMs) return false;
  const isCalm = calm !== '' && now - lastDecidedAt < bounds.calmDecideIntervalMs;
  return !isCalm || calm !== fingerprintOf(run);
}

interface Watched {
  readonly endedClaims: Finding['endedClaims'];
  readonly checks: readonly Posted<DispatchLetter>[];
  readonly letters: readonly Posted<RunLetter>[];
}

type Posted<Kind extends Letter> = PostedLetter & { readonly letter: Kind };

/** Of a run that has ended, only letters to other runs are left. */
function lookAtEnded({ now }: Step, run: MemoryRun): Watched {
  const old = [...run.outbox.values()].filter(({ at }) => at <= now - FIRST_CHECK_MS);
  const letters = old.filter((posted) => isToRun(posted)).slice(0, LOOK_LIMIT);
  return { endedClaims: [], checks: [], letters };
}

function isToRun(posted: PostedLetter): posted is Posted<RunLetter> {
  return posted.letter.type !== 'dispatch';
}

function isDispatch(posted: PostedLetter): posted is Posted<DispatchLetter> {
  return posted.letter.type === 'dispatch';
}

function lookAtWatch(step: Step, run: MemoryRun): Watched {
  const due = dueEntries(run.watch, step.now, 2 * LOOK_LIMIT).map(parseWatch);
  const keysOf = (kinds: readonly WatchKind[]): readonly TaskKey[] =>
    due
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ key }) => key)
      .slice(0, LOOK_LIMIT);
  return {
    endedClaims: keysOf(['lease', 'ended']).flatMap((key) => endClaim(step, run, key) ?? []),
    checks: keysOf(['check'])
      .flatMap((key) => nextCheck(step, run, key) ?? [])
      .filter((posted) => isDispatch(posted)),
    letters: keysOf(['letter'])
      .flatMap((letterId) => nextLetter(step, run, letterId) ?? [])
      .filter((posted) => isToRun(posted)),
  };
}

/** From here on the claim is free to be delivered again, unless a late beat renews it first. */
function endClaim(step: Step, run: MemoryRun, key: TaskKey): Finding['endedClaims'][number] | null {
  const row = run.tasks.get(key);
  run.watch.delete(`lease:${key}`);
  run.watch.delete(`ended:${key}`);
  if (row?.status !== 'IN_PROGRESS') return null;
  run.watch.set(`ended:${key}`, step.now + LOOK_AGAIN_MS);
  return { key, attempt: row.attempt, dispatch: row.dispatch };
}

function nextCheck(step: Step, run: MemoryRun, key: TaskKey): PostedLetter | null {
  const posted = run.outbox.get(`dispatch:${key}`) ?? rebuiltLetter(run, key);
  if (posted === null) {
    run.watch.delete(`check:${key}`);
    return null;
  }
  run.watch.set(`check:${key}`, step.now + waitMs(step, posted));
  return posted;
}

function nextLetter(step: Step, run: MemoryRun, letterId: string): PostedLetter | null {
  const posted = run.outbox.get(letterId) ?? null;
  if (posted === null) run.watch.delete(letterWatch(letterId));
  else run.watch.set(letterWatch(letterId), step.now + waitMs(step, posted));
  return posted;
}

function waitMs({ now }: Step, { at }: PostedLetter): number {
  return Math.min(Math.max(now - at, FIRST_CHECK_MS), LAST_CHECK_MS);
}

/** A letter that is missing from the outbox is made again from its row. */
function rebuiltLetter(run: MemoryRun, key: TaskKey): PostedLetter | null {
  const row = run.tasks.get(key);
  if (row?.status !== 'SCHEDULED') return null;
  return { letter: letterOf(row, row.dispatch), at: row.scheduledAt };
}
