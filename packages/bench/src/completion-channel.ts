/*
 * How a client learns that a workflow has ended: the same message for every subject, one PUBLISH per workflow, sent by
 * whoever ends it. It is part of what is measured, and equally of all subjects.
 * Invariant: whoever waits is told of the end or gets an error; nobody waits for ever.
 */
import { Redis } from 'ioredis';

const CHANNEL = 'bench:ended';

/** Far beyond any latency that is worth a number: a workflow that takes longer is stuck. */
const STUCK_AFTER_MS = 60_000;

/** Tells of the end of a workflow. */
export async function announceEnd(redis: Pick<Redis, 'publish'>, id: string): Promise<void> {
  await redis.publish(CHANNEL, id);
}

/** Hears of the ends of workflows. */
export interface EndListener {
  /** Settles when this workflow ends. Ask before it is started. */
  ended(id: string): Promise<void>;
  close(): void;
}

/** Subscribes; ends that come later are heard. */
export async function listenForEnds(url: string): Promise<EndListener> {
  const redis = new Redis(url);
  const waiting = new Map<string, () => void>();
  redis.on('message', (_channel: string, id: string) => {
    waiting.get(id)?.();
  });
  await redis.subscribe(CHANNEL);
  return {
    ended: (id) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`workflow ${id} has not ended within ${STUCK_AFTER_MS} ms`));
        }, STUCK_AFTER_MS);
        waiting.set(id, () => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve();
        });
      }),
    close: () => redis.disconnect(),
  };
}
