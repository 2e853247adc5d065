import { joineryError } from '@joinery/core';
import { type FastifyInstance } from 'fastify';

/**
 * Refuses what comes when `limit` requests are in hand. Every one that waits, such as a long poll, is memory here and
 * work for Redis to come: a queue without an end would only answer later, and then all too late.
 */
export function addOverloadGuard(app: FastifyInstance, limit: number): void {
  let count = 0;
  app.addHook('onRequest', async (_request, reply) => {
    if (count >= limit) throw joineryError('JN_SERVER_OVERLOADED', { what: 'requests', count });
    count += 1;
    // Comes once, however the request ends.
    reply.raw.once('close', () => {
      count -= 1;
    });
  });
}
