import { joineryError } from '@joinery/core';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['metadata'];
const URL = '/api/metadata/workflow/:name/rate-limit';

/**
 * Limits of how many runs of a definition go on at a time. There are none: clients ask for them and are told so, and a
 * limit that nobody would heed is not taken.
 */
export function addRateLimitRoutes(api: Api, { engine: { definitions } }: ServerParts): void {
  const schema = { tags: TAGS, params: z.object({ name: z.string() }) };
  const absent = async (name: string): Promise<never> => {
    const isThere = (await definitions.getWorkflow(name)) !== null;
    if (!isThere) throw joineryError('JN_DEF_NOT_FOUND', { name, version: 'latest' });
    throw joineryError('JN_ITEM_NOT_FOUND', { what: 'limit of runs of', name });
  };
  api.get(URL, { schema }, async ({ params: { name } }) => absent(name));
  api.delete(URL, { config: { role: 'admin' }, schema }, async ({ params: { name } }) =>
    absent(name),
  );
  api.put(URL, { config: { role: 'admin' }, schema }, async () => {
    const reason = 'runs are not limited in number';
    throw joineryError('JN_NOT_IMPLEMENTED', { what: 'a limit of runs', reason });
  });
}
