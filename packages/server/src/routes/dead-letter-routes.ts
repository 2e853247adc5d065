import {
  discardDeadLetter,
  editDeadLetter,
  getDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  replayDeadLetters,
} from '@joinery/engine';
import { type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { jsonMap, whole } from '../request-shape.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['dead-letters'];
const ROOT = '/api/dead-letters';
const byId = z.object({ id: z.string() });
const reason = z.string().max(1_024);
const STATUSES = ['open', 'replaying', 'replayed', 'discarded', 'all'] as const;
const PAGE = 100;

/** Joinery's own: failed tasks that wait for somebody. Every change asks why, and is kept with who made it. */
export function addDeadLetterRoutes(api: Api, parts: ServerParts): void {
  const querystring = z.object({
    status: z.enum(STATUSES).optional(),
    definition: z.string().optional(),
    start: whole(0, 1_000_000).optional(),
    size: whole(1, 1_000).optional(),
  });
  api.get(ROOT, { schema: { tags: TAGS, querystring } }, async ({ query }) => {
    const { status, definition, start = 0, size = PAGE } = query;
    const wanted = { ...(status ? { status } : {}), ...(definition ? { definition } : {}) };
    const found = await listDeadLetters(parts, wanted);
    return { totalHits: found.length, results: found.slice(start, start + size) };
  });
  api.get(`${ROOT}/:id`, { schema: { tags: TAGS, params: byId } }, async ({ params: { id } }) => {
    const { letter, events } = await getDeadLetter(parts, id);
    return { ...letter, events };
  });
  addChanges(api, parts);
}

function addChanges(api: Api, parts: ServerParts): void {
  const params = byId;
  const why = z.object({ reason: reason.default('') });
  api.put(
    `${ROOT}/:id/input`,
    { schema: { tags: TAGS, params, body: why.extend({ input: jsonMap }) } },
    async (request) => {
      const { input, reason: text } = request.body;
      return editDeadLetter(parts, request.params.id, { input, ...handOf(request, text) });
    },
  );
  api.post(
    `${ROOT}/:id/replay`,
    { schema: { tags: TAGS, params, body: why.nullish() } },
    async (request) =>
      replayDeadLetter(parts, request.params.id, handOf(request, request.body?.reason ?? '')),
  );
  api.post(`${ROOT}/:id/discard`, { schema: { tags: TAGS, params, body: why } }, async (request) =>
    discardDeadLetter(parts, request.params.id, handOf(request, request.body.reason)),
  );
  const many = why.extend({
    ids: z.array(z.string()).min(1).max(10_000),
    perSecond: z.number().positive().max(1_000).optional(),
  });
  api.post(`${ROOT}/replay`, { schema: { tags: TAGS, body: many } }, async (request) => {
    const { ids, perSecond, reason: text } = request.body;
    const rate = perSecond === undefined ? {} : { perSecond };
    const count = await replayDeadLetters(parts, { ids, ...rate, ...handOf(request, text) });
    return { count };
  });
}

function handOf({ principal }: FastifyRequest, text: string) {
  return { actor: principal?.id ?? 'api', reason: text };
}
