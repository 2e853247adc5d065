import { type Engine } from '../engine.ts';
import { relayLetters } from './relay-letters.ts';

/** How many letters one call takes from an outbox: a batch that BullMQ adds in some ms. */
const BATCH = 500;
/** A store that does not keep the marks would show the same letters for ever. */
const ROUNDS_LIMIT = 20;
/** Their writers may be relaying them at this moment. */
const WRITTEN_LONG_AGO = 0;

/**
 * Relays what writers of a partition have left over (they died, or the queue was away). Answers how many letters were
 * handed on; fewer than are waiting when the queue is away again.
 */
export async function relayUnsent(engine: Engine, partition: number): Promise<number> {
  const { relayAfterMs } = engine.tunables();
  let relayed = 0;
  for (let round = 0; round < ROUNDS_LIMIT; round += 1) {
    const found = await engine.store.unsent(partition, relayAfterMs, BATCH);
    const sent = await relayLetters(
      engine,
      found.map(({ runId, definition, letter }) => ({ runId, definition, traceId: '', letter })),
      WRITTEN_LONG_AGO,
    );
    relayed += sent;
    // Marked at once: what is read next must not be the same letters.
    await engine.sentMarks.flush();
    if (found.length < BATCH || sent < found.length) break;
  }
  return relayed;
}
