import rateLimit from '@fastify/rate-limit';
import { joineryError } from '@joinery/core';
import { type FastifyInstance, type FastifyRequest } from 'fastify';

const WINDOW_MS = 1_000;

/** At most `limit` requests a second of one key, or of one address where nobody has a key. 0 = no limit. */
export async function addRateLimit(app: FastifyInstance, limit: number): Promise<void> {
  if (limit === 0) return;
  await app.register(rateLimit, {
    global: true,
    max: limit,
    timeWindow: WINDOW_MS,
    keyGenerator: whoOf,
    errorResponseBuilder: (request) =>
      joineryError('JN_RATE_LIMITED', { who: whoOf(request), limit, windowMs: WINDOW_MS }),
  });
}

function whoOf({ principal, ip }: FastifyRequest): string {
  return principal?.id ?? ip;
}
