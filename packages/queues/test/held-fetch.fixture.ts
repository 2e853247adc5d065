import { EventEmitter, once } from 'node:events';
import { type Logger } from '@joinery/kit';
import { connectRedis } from '@joinery/queues';

/** Connections on which a fetched job is on its way for as long as one likes. */
export interface HeldFetch {
  readonly connect: () => ReturnType<typeof connectRedis>;
  /** Settles when Redis has given a job out that the worker has not heard of. */
  readonly fetched: Promise<unknown>;
  readonly letThrough: () => void;
}

/** Holds back replies that bring a job: BullMQ's fetch answers its data, then its id. */
export function heldFetch(url: string, log: Logger): HeldFetch {
  const events = new EventEmitter();
  const fetched = once(events, 'fetched');
  const released = once(events, 'released');
  const connect = (): ReturnType<typeof connectRedis> => {
    const client = connectRedis(url, log);
    const send = client.sendCommand.bind(client);
    const sendAndHold = async (...args: Parameters<typeof send>): Promise<unknown> => {
      const reply = await send(...args);
      if (Array.isArray(reply) && /\.task\d+\./.test(String(reply[1]))) {
        events.emit('fetched');
        await released;
      }
      return reply;
    };
    return Object.assign(client, { sendCommand: sendAndHold });
  };
  return { connect, fetched, letThrough: () => void events.emit('released') };
}
