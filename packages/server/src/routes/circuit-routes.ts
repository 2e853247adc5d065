import { getCircuit, listCircuits, resetCircuit } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['circuits'];
const ROOT = '/api/circuits';
const target = z.string().min(1).max(1_024);

/** Joinery's own: the circuit breakers of targets. A target may be a URL, so it never stands in a path. */
export function addCircuitRoutes(api: Api, parts: ServerParts): void {
  api.get(ROOT, { schema: { tags: TAGS } }, async () => listCircuits(parts));
  const querystring = z.object({ target });
  api.get(`${ROOT}/one`, { schema: { tags: TAGS, querystring } }, async ({ query }) =>
    getCircuit(parts, query.target),
  );
  const body = z.object({ target, reason: z.string().max(1_024).default('') });
  api.post(`${ROOT}/reset`, { schema: { tags: TAGS, body } }, async (request) => {
    const actor = request.principal?.id ?? 'api';
    return resetCircuit(parts, request.body.target, { actor, reason: request.body.reason });
  });
}
