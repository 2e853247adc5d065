import { type RecordedEvent, type RunId } from '@joinery/core';
import { type AccuseRun } from './check-history.ts';

/** A run before and right after something was lost, with nobody at work in between. */
export interface LossNote {
  readonly runId: RunId;
  readonly before: readonly RecordedEvent[];
  readonly after: readonly RecordedEvent[];
  /** Of the store, as it was kept in what survived, and as it was noted after the loss. */
  readonly epochs: { readonly survived: number; readonly noted: number };
}

/** H31, H32: what survived is a prefix, and everybody can know that something may be missing. */
export function judgeLoss(notes: readonly LossNote[], accuse: AccuseRun): void {
  for (const { runId, before, after, epochs } of notes) {
    const strange = after.findIndex((event, index) => !isSame(event, before[index]));
    if (strange >= 0) {
      accuse(runId, 'H31', `event ${strange + 1} after the loss is not the one before it`);
    }
    if (epochs.noted <= epochs.survived) {
      accuse(runId, 'H32', `the epoch is ${epochs.noted} after ${epochs.survived}`);
    }
  }
}

function isSame(a: RecordedEvent, b: RecordedEvent | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
