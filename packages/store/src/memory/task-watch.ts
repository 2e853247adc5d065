import { letterIdOf, TIMER_KINDS, timerOf, type Letter, type TaskKey } from '@joinery/core';
import type { MemoryRun } from './memory-run.ts';
import { partitionOfRun, unsentIdOf, type Step } from './memory-state.ts';

/** When the sweeper first asks whether a letter's job exists. Less asks for jobs still on their way to the queue. */
export const FIRST_CHECK_MS = 2_000;

/** Forget everything that watches over the present attempt; `total` watches over all attempts and stays. */
export function disarmTask(step: Step, run: MemoryRun, key: TaskKey): void {
  for (const kind of TIMER_KINDS) {
    if (kind !== 'total') run.timers.delete(timerOf(kind, key));
  }
  run.watch.delete(`lease:${key}`);
  run.watch.delete(`ended:${key}`);
  run.watch.delete(`check:${key}`);
  dropLetter(step, run, `dispatch:${key}`);
}

/** Put a letter into the outbox, and have it, or its job, looked for. */
export function postLetter(step: Step, run: MemoryRun, letter: Letter): void {
  const letterId = letterIdOf(letter);
  run.outbox.set(letterId, { letter, at: step.now });
  const { unsent } = partitionOfRun(step, run.record.id);
  unsent.set(unsentIdOf(run.record.id, letterId), step.now);
  const watch =
    letter.type === 'dispatch' ? (`check:${letter.key}` as const) : letterWatch(letterId);
  run.watch.set(watch, step.now + FIRST_CHECK_MS);
}

/** The entry of the watch for a letter to another run. */
export function letterWatch(letterId: string): `letter:${string}` {
  return `letter:${letterId}`;
}

/** Take a letter out of the outbox. */
export function dropLetter(step: Step, run: MemoryRun, letterId: string): void {
  run.outbox.delete(letterId);
  partitionOfRun(step, run.record.id).unsent.delete(unsentIdOf(run.record.id, letterId));
}
