import { joineryError } from '@joinery/core';
import { z } from 'zod';
import { type Api } from '../api.ts';

const TAGS = ['event'];
const byName = z.object({ name: z.string() });

/** Event handlers: there are none, and registering one is answered 501 beside the other things that are to come. */
export function addEventRoutes(api: Api): void {
  const schema = { tags: TAGS, params: byName };
  api.get('/api/event', { schema: { tags: TAGS } }, async () => []);
  api.get('/api/event/:name', { schema }, async () => []);
  api.get('/api/event/handler/:name', { schema }, async ({ params: { name } }) => absent(name));
  api.delete('/api/event/:name', { schema }, async ({ params: { name } }) => absent(name));
}

function absent(name: string): never {
  throw joineryError('JN_EVENT_HANDLER_NOT_FOUND', { name });
}
