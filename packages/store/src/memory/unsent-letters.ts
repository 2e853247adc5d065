import { parseRunId, type RunId } from '@joinery/core';
import type { OutboxLetter } from '../run-findings.ts';
import { dueEntries } from './due-entries.ts';
import { partitionAt, partitionOfRun, unsentIdOf, type Step } from './memory-state.ts';

/** Letters of a partition that nobody has marked sent for a while, oldest first. */
export function unsentLetters(
  step: Step,
  args: { readonly partition: number; readonly olderThanMs: number; readonly limit: number },
): readonly OutboxLetter[] {
  const { runs, unsent } = partitionAt(step, args.partition);
  return dueEntries(unsent, step.now - args.olderThanMs, args.limit).flatMap((id) => {
    const space = id.indexOf(' ');
    const named = parseRunId(id.slice(0, space));
    const run = named === null ? undefined : runs.get(named);
    const posted = run?.outbox.get(id.slice(space + 1));
    if (run === undefined || posted === undefined) return [];
    const { id: runId, definition } = run.record;
    return [{ runId, definition, ...posted }];
  });
}

/** Relays leave these letters alone from now on; the job check stays. */
export function markSent(
  step: Step,
  letters: readonly { readonly runId: RunId; readonly letterId: string }[],
): void {
  for (const { runId, letterId } of letters) {
    partitionOfRun(step, runId).unsent.delete(unsentIdOf(runId, letterId));
  }
}
