import { joineryError } from '@joinery/core';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['secrets'];
const change = { config: { role: 'admin' } } as const;
/** As a template can name it. */
const byKey = z.object({ key: z.string().regex(/^[A-Za-z0-9_.-]{1,255}$/) });
const TEXT_LIMIT = 65_536;

/** Secrets by name, and the variables that workflows may read. The text of a secret is for workers alone. */
export function addSecretRoutes(api: Api, { secrets, engine }: ServerParts): void {
  // Orkes lists all of them by POST, and those that the caller may grant by GET.
  for (const method of ['GET', 'POST'] as const) {
    const handler = (): Promise<readonly string[]> => secrets.names();
    api.route({ method, url: '/api/secrets', schema: { tags: TAGS }, handler });
  }
  const schema = { tags: TAGS, params: byKey };
  api.get('/api/secrets/:key/exists', { schema }, async ({ params: { key } }) =>
    (await secrets.names()).includes(key),
  );
  api.get('/api/secrets/:key', { schema }, async ({ params: { key: name } }) => {
    const problem = 'its text is handed to workers alone';
    throw joineryError('JN_SECRET_READ_ONLY', { name, problem });
  });
  api.put(
    '/api/secrets/:key',
    { ...change, schema: { ...schema, body: z.string().max(TEXT_LIMIT) } },
    async ({ params: { key }, body }, reply) => {
      await secrets.put(key, body);
      return reply.send();
    },
  );
  api.delete('/api/secrets/:key', { ...change, schema }, async ({ params: { key } }, reply) => {
    if (await secrets.remove(key)) return reply.send();
    throw joineryError('JN_ITEM_NOT_FOUND', { what: 'secret', name: key });
  });
  const variables = new Map(Object.entries(engine.env ?? {}));
  api.get('/api/environment', { schema: { tags: TAGS } }, async () =>
    [...variables].map(([name, value]) => ({ name, value })),
  );
  api.get('/api/environment/:key', { schema }, async ({ params: { key } }, reply) => {
    const value = variables.get(key);
    if (value === undefined) {
      throw joineryError('JN_ITEM_NOT_FOUND', { what: 'variable', name: key });
    }
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return reply.type('text/plain').send(text);
  });
}
