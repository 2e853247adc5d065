/*
 * How a client learns that a workflow has ended: the same message for every subject, one PUBLISH per workflow, sent by
 * whoever ends it, through a Redis that is not the measured one.
 * Invariant: whoever waits is told of the end or gets an error; nobody waits for ever.
 */
import { Redis } from 'ioredis';

const CHANNEL = 'bench:ended';

/** A workflow that takes longer is stuck: one of 100,000 branches takes minutes on a busy machine. */
const STUCK_AFTER_MS = 600_000;

/** Tells of the ends of workflows. */
export interface Announcer {
  /** `result`: what the workflow has answered, where whoever ends it knows. */
  announce(id: string, result?: string): void;
  close(): void;
}

/** Connects; what is announced before that is sent then. */
export function openAnnouncer(url: string): Announcer {
  const redis = new Redis(url);
  return {
    // One that gets lost is an error of whoever waits for it.
    announce: (id, result = '') => void redis.publish(CHANNEL, `${id} ${result}`),
    close: () => redis.disconnect(),
  };
}

/** Hears of the ends of workflows. */
export interface EndListener {
  /** Settles when this workflow ends, with what was told of its result. Ask before it is started. */
  ended(id: string): Promise<string>;
  close(): void;
}

/** Subscribes; ends that come later are heard. */
export async function listenForEnds(url: string): Promise<EndListener> {
  const redis = new Redis(url);
  const waiting = new Map<string, (result: string) => void>();
  redis.on('message', (_channel: string, message: string) => {
    const space = message.indexOf(' ');
    waiting.get(message.slice(0, space))?.(message.slice(space + 1));
  });
  await redis.subscribe(CHANNEL);
  return {
    ended: (id) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`workflow ${id} has not ended within ${STUCK_AFTER_MS} ms`));
        }, STUCK_AFTER_MS);
        waiting.set(id, (result) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(result);
        });
      }),
    close: () => redis.disconnect(),
  };
}
