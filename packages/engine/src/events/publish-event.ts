import { type EventLetter, joineryError, letterIdOf, type RunId } from '@joinery/core';
import { type Engine } from '../engine.ts';

const QUEUE = 'bullmq:';

/**
 * Publishes what an event letter says. The event's id follows from run, task and attempt: whoever publishes it again
 * publishes the same event, and who receives it twice can tell.
 */
export async function publishEvent(
  { events }: Pick<Engine, 'events'>,
  runId: RunId,
  letter: EventLetter,
): Promise<void> {
  if (events === undefined) {
    const reason = 'this process publishes no events';
    throw joineryError('JN_NOT_IMPLEMENTED', { what: `sink ${letter.sink}`, reason });
  }
  const { sink, payload } = letter;
  const id = `${runId}/${letterIdOf(letter)}`;
  if (!sink.startsWith(QUEUE)) await events.log.publish({ id, sink, payload });
  else await events.queue.add({ queueName: sink.slice(QUEUE.length), id, payload });
}
