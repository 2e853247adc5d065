import type { RunId } from '@joinery/core';
import { deriveAttention } from './derive-attention.ts';
import { findRun, type Step } from './memory-state.ts';
import { dropLetter, letterWatch } from './task-watch.ts';

/** Letters have reached their receivers. Not an event of the run: its attention alone may change. */
export function acknowledgeLetters(
  step: Step,
  { runId, letterIds }: { readonly runId: RunId; readonly letterIds: readonly string[] },
): 'acknowledged' | 'gone' {
  const run = findRun(step, runId);
  if (run === undefined) return 'gone';
  const here = letterIds.filter((letterId) => run.outbox.has(letterId));
  for (const letterId of here) {
    dropLetter(step, run, letterId);
    run.watch.delete(letterWatch(letterId));
  }
  if (here.length > 0) deriveAttention(step, run);
  return 'acknowledged';
}
