import { isTerminalRun } from '@joinery/core';
import { type RunSnapshot } from '@joinery/store';

/** The same bounds as in the store's design, written down a second time on purpose. */
const MAX_SWEEP_AGE_MS = 30_000;
const DIRTY_LOOK_MS = 500;
const LETTERS_LOOK_MS = 2_000;

/**
 * When somebody must look at a run, computed anew from everything that is kept of it: what the store's own derivation
 * is held to. Null: nobody, ever. `at`: the moment of the step that changed the run.
 */
export function derivedAttention(run: RunSnapshot, at: number): number | null {
  const { status, closing, isFullDue } = run.record;
  const isEnded = isTerminalRun(status);
  if (isEnded && Object.keys(run.outbox).length === 0) return null;
  const moments = [at + MAX_SWEEP_AGE_MS];
  if (isEnded) moments.push(at + LETTERS_LOOK_MS);
  else moments.push(...Object.values(run.watch));
  if (status === 'RUNNING') {
    moments.push(...Object.values(run.timers));
    if (isDirty(run) || isFullDue || closing !== null) moments.push(at + DIRTY_LOOK_MS);
  }
  return Math.min(...moments);
}

function isDirty({ record: { dirty, seen } }: RunSnapshot): boolean {
  return dirty > seen;
}

/** What attention depends on, besides the moment: when this is the same, a step may leave attention alone. */
export function attentionReasons({ record, watch, timers, outbox }: RunSnapshot): string {
  const { status, closing, isFullDue, dirty, seen } = record;
  const isOut = Object.keys(outbox).length > 0;
  return `${status} ${closing !== null} ${isFullDue} ${dirty > seen} ${first(watch)} ${first(timers)} ${isOut}`;
}

function first(scores: Readonly<Record<string, number>>): number {
  return Math.min(...Object.values(scores));
}
