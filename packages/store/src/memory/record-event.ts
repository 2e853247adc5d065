import type { HistoryEvent, RunId } from '@joinery/core';
import { deriveAttention } from './derive-attention.ts';
import { appendEvent } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';

/** Append an event that changes nothing else. */
export function recordEvent(
  step: Step,
  args: { readonly runId: RunId; readonly event: HistoryEvent; readonly actor: string },
): 'recorded' | 'gone' {
  const run = findRun(step, args.runId);
  if (run === undefined) return 'gone';
  appendEvent(run, args.event, { now: step.now, actor: args.actor });
  deriveAttention(step, run);
  return 'recorded';
}
