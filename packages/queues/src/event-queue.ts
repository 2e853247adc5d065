import { createHash } from 'node:crypto';
import { type JsonObject } from '@joinery/core';
import { Queue } from 'bullmq';
import { DEFAULT_QUEUE_PREFIX } from './queue-name.ts';
import { type RedisClient } from './redis-connection.ts';

/** An event for a BullMQ queue of the user's. */
export interface QueuedEvent {
  readonly queueName: string;
  /** The same for each try. */
  readonly id: string;
  readonly payload: JsonObject;
}

/** Queues that hold events for consumers outside of the engine. */
export interface EventQueue {
  /** Adds a job named `event`; while a job of the same event is kept, nothing. Throws when the queue is away. */
  add(event: QueuedEvent): Promise<void>;
}

/** Finished jobs are kept for so long, so that an event that is published twice in that time is one job. */
const KEPT = { age: 3_600, count: 10_000 } as const;

/** Events on BullMQ, over the caller's connection. */
export function createBullmqEventQueue({
  connection,
  prefix = DEFAULT_QUEUE_PREFIX,
}: {
  readonly connection: RedisClient;
  readonly prefix?: string;
}): EventQueue {
  return {
    async add({ queueName, id, payload }) {
      const queue = new Queue(queueName, { connection, prefix, skipVersionCheck: true });
      try {
        const jobId = `event-${createHash('sha256').update(id).digest('hex')}`;
        const kept = { removeOnComplete: KEPT, removeOnFail: KEPT };
        await queue.add('event', { id, payload }, { jobId, ...kept });
      } finally {
        // The connection is shared: closing ends what the queue itself holds.
        await queue.close();
      }
    },
  };
}
