import { type AddressedLetter, isDispatch, isRunLetter } from './addressed-letter.ts';
import { deliverLetter } from './deliver-letter.ts';
import { type Engine } from '../engine.ts';
import { enqueueLetters } from './enqueue-letters.ts';

/** Runs that start runs may do so for ever: what comes after so many rounds is left to the scheduler. */
const ROUNDS_LIMIT = 64;
/** Letters to runs that are delivered at a time: each takes a few calls of the store. */
const DELIVERIES_AT_ONCE = 8;

/**
 * Hands letters on: dispatches to their queues, all others to the runs that they are for, and what follows from those in
 * turn. Answers how many were handed on; the others stay in their outboxes, from where the scheduler takes them. `since`:
 * a moment of this process' clock before the letters were written.
 */
export async function relayLetters(
  engine: Engine,
  letters: readonly AddressedLetter[],
  since: number = engine.clock.now(),
): Promise<number> {
  if (letters.length === 0) return 0;
  await engine.crashPoint?.('before-relay');
  let waiting = letters;
  let writtenAt = since;
  let relayed = 0;
  for (let round = 0; round < ROUNDS_LIMIT && waiting.length > 0; round += 1) {
    const enqueued = await enqueueLetters(engine, waiting.filter(isDispatch), writtenAt);
    writtenAt = engine.clock.now();
    const delivered = await deliverAll(engine, waiting.filter(isRunLetter));
    if (round === 0) relayed = enqueued + delivered.count;
    waiting = delivered.following;
  }
  return relayed;
}

async function deliverAll(
  engine: Engine,
  letters: readonly Parameters<typeof deliverLetter>[1][],
): Promise<{ readonly count: number; readonly following: readonly AddressedLetter[] }> {
  const following: AddressedLetter[] = [];
  let count = 0;
  for (let from = 0; from < letters.length; from += DELIVERIES_AT_ONCE) {
    const page = letters.slice(from, from + DELIVERIES_AT_ONCE);
    for (const outcome of await Promise.all(page.map((each) => deliverLetter(engine, each)))) {
      if (outcome === null) continue;
      count += 1;
      following.push(...outcome);
    }
  }
  return { count, following };
}
