/*
 * Ownership: the letter belongs to its sender's outbox until it is acknowledged; nothing is kept here.
 * Interface: deliverLetter, by whoever has committed the letter, by the scheduler and by the sweeper, as often as they like.
 * Invariants:
 *  L1 a letter is acknowledged only after its receiver has stored what it says, or can never.
 *  L2 a second delivery of the same letter changes nothing at the receiver.
 *  L3 what can never be delivered comes to a result with a code; it does not stay.
 */
import { letterIdOf, type RunLetter } from '@joinery/core';
import { type AddressedLetter } from './addressed-letter.ts';
import { cancelChild } from './cancel-child.ts';
import { type Engine } from '../engine.ts';
import { notifyParent } from './notify-parent.ts';
import { publishEvent } from '../events/publish-event.ts';
import { startFailureRun } from './start-failure-run.ts';
import { startRequested } from '../starts/start-requested.ts';

/** Delivers one letter to another run, or publishes it; answers the letters that follow from it, or null: it stays in its outbox. */
export async function deliverLetter(
  engine: Engine,
  addressed: AddressedLetter<RunLetter>,
): Promise<readonly AddressedLetter[] | null> {
  const { runId, letter } = addressed;
  try {
    const following = await deliver(engine, addressed);
    await engine.crashPoint?.('after-delivery');
    await engine.store.acknowledge(runId, [letterIdOf(letter)]);
    return following;
  } catch (err) {
    engine.meters.relayFailed(1);
    engine.logger.warn(
      { event: 'letter.undelivered', runId, letterType: letter.type, to: receiverOf(letter), err },
      'a letter stays in its outbox; the scheduler delivers it',
    );
    return null;
  }
}

async function deliver(
  engine: Engine,
  { runId, letter }: AddressedLetter<RunLetter>,
): Promise<readonly AddressedLetter[]> {
  switch (letter.type) {
    case 'start-child':
    case 'start-run':
      return startRequested(engine, runId, letter);
    case 'start-failure-run':
      return startFailureRun(engine, runId, letter);
    case 'notify-parent':
      await notifyParent(engine, runId, letter);
      return [];
    case 'cancel-child':
      return cancelChild(engine, runId, letter);
    case 'event':
      await publishEvent(engine, runId, letter);
      return [];
  }
}

function receiverOf(letter: RunLetter): string {
  return letter.type === 'event' ? letter.sink : letter.to;
}
