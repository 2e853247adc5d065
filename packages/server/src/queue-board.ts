/*
 * Bull Board over the queues that there are.
 * Ownership: the board owns one connection and a BullMQ Queue for each queue that it has seen, until it is closed.
 * Invariant: it changes nothing in a queue: what it could remove or retry is a hint, and the engine looks after those.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import {
  DEFAULT_QUEUE_PREFIX,
  type JobQueue,
  queueNameOf,
  type RedisClient,
  START_QUEUE,
} from '@joinery/queues';
import { Queue } from 'bullmq';
import { type FastifyInstance } from 'fastify';
import { type ErrorHandler } from './http-error.ts';

/** Where the board is. */
export const BOARD_PATH = '/queues';

/** A page asks several times a second; new task types are rare. */
const REFRESH_EVERY_MS = 1_000;

/** What the board is made of. */
export interface QueueBoardOptions {
  readonly queue: Pick<JobQueue, 'taskTypes'>;
  /** Opens the board's own connection. */
  readonly connect: () => RedisClient;
  readonly queuePrefix?: string;
  readonly now: () => number;
  /** What a failed request is answered with. */
  readonly onError: ErrorHandler;
}

/** A mounted board. */
export interface QueueBoard {
  close(): Promise<void>;
}

/** Mounts the board under `/queues`. It shows the start queue and one queue for each task type, also those to come. */
export async function addQueueBoard(
  app: FastifyInstance,
  options: QueueBoardOptions,
): Promise<QueueBoard> {
  const connection = options.connect();
  // BullMQ adds listeners for each queue; a hundred of them is no leak here.
  connection.setMaxListeners(0);
  const prefix = options.queuePrefix ?? DEFAULT_QUEUE_PREFIX;
  const queues = new Map<string, Queue>();
  const adapterOf = (name: string): BullMQAdapter => {
    const queue =
      queues.get(name) ?? new Queue(name, { connection, prefix, skipMetasUpdate: true });
    queues.set(name, queue);
    return new BullMQAdapter(queue, { readOnlyMode: true });
  };
  const serverAdapter = new FastifyAdapter();
  const board = createBullBoard({
    queues: [adapterOf(START_QUEUE)],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Joinery queues' } },
  });
  let refreshedAt = -REFRESH_EVERY_MS;
  const refresh = async (): Promise<void> => {
    if (options.now() - refreshedAt < REFRESH_EVERY_MS) return;
    refreshedAt = options.now();
    const types = await options.queue.taskTypes();
    const names = [START_QUEUE, ...types.map(queueNameOf)];
    if (names.every((name) => queues.has(name))) return;
    board.replaceQueues(names.map(adapterOf));
  };
  await app.register(async (scope) => {
    scope.addHook('onRequest', refresh);
    // The board's own would answer 500 to whatever was refused before it.
    scope.addHook('onRoute', (route) => {
      route.errorHandler = (error, request, reply) => {
        void options.onError(error, request, reply);
      };
    });
    serverAdapter.setBasePath(BOARD_PATH);
    await scope.register(serverAdapter.registerPlugin(), { prefix: BOARD_PATH });
  });
  return {
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}
