import { isTerminalRun, type RunId } from '@joinery/core';
import { deriveAttention } from './derive-attention.ts';
import { appendEvent } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';
import { noteMove } from './moved-runs.ts';
import { dropLetter, postLetter } from './task-watch.ts';

/** End a run FAILED without a decision. The decision number moves, so that a decision on its way is refused. */
export function failRun(
  step: Step,
  {
    runId,
    reason,
    actor,
  }: { readonly runId: RunId; readonly reason: string; readonly actor: string },
): 'failed' | 'ended' | 'gone' {
  const run = findRun(step, runId);
  if (run === undefined) return 'gone';
  const { record } = run;
  if (isTerminalRun(record.status)) return 'ended';
  record.status = 'FAILED';
  record.reason = reason;
  record.closing = null;
  record.endedAt = step.now;
  record.decision += 1;
  run.lock = null;
  // Nothing is claimed any more. What the run has promised to others is sent all the same, and its parent is told.
  for (const [letterId, { letter }] of run.outbox)
    if (letter.type === 'dispatch') dropLetter(step, run, letterId);
  run.watch.clear();
  const { parent } = record;
  if (parent !== null) {
    const { runId: to, key, attempt } = parent;
    postLetter(step, run, { type: 'notify-parent', to, key, attempt });
  }
  appendEvent(run, { type: 'run.ended', status: 'FAILED', reason }, { now: step.now, actor });
  noteMove(step, run);
  deriveAttention(step, run);
  return 'failed';
}
