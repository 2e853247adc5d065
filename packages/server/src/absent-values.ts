import { joineryError, measureJson } from '@joinery/core';
import { type FastifyRequest } from 'fastify';

/** Deeper than any payload that people write, and shallow enough for whatever walks it by recursion. */
const DEPTH_LIMIT = 100;

/** Clients send an empty text for what they do not say, as in `?sort=`. */
export async function dropEmptyQuery(request: FastifyRequest): Promise<void> {
  const { query } = request;
  if (typeof query !== 'object' || query === null) return;
  request.query = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
}

/** Everything that reads a body later on may go down into it. */
export async function refuseDeepBody({ body }: FastifyRequest): Promise<void> {
  if (typeof body !== 'object' || body === null) return;
  const measure = measureJson(body, { maxSize: Infinity, maxDepth: DEPTH_LIMIT });
  if (measure.ok || measure.problem !== 'too-deep') return;
  throw joineryError('JN_PAYLOAD_TOO_DEEP', { what: 'the request', limit: DEPTH_LIMIT });
}

/** For bodies whose members are fields and not data: null counts as absent, as for Conductor's reader of JSON. */
export async function dropNullFields(request: FastifyRequest): Promise<void> {
  const { body } = request;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  request.body = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
