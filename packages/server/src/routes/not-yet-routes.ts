import { joineryError } from '@joinery/core';
import { type HTTPMethods } from 'fastify';
import { type Api } from '../api.ts';

const NO_STORAGE = 'payloads are kept in Redis alone';

/** Routes of Conductor that nothing stands behind yet; answered at once, so that nobody believes that it was done. */
const NOT_YET: readonly (readonly [method: HTTPMethods, path: string, reason: string])[] = [
  ['POST', '/api/workflow/:id/messages', 'runs have no message queue'],
  ['POST', '/api/workflow/test', 'there is no mocked run'],
  ['GET', '/api/workflow/externalstoragelocation', NO_STORAGE],
  ['GET', '/api/tasks/externalstoragelocation', NO_STORAGE],
];

/** Answers 501 JN_NOT_IMPLEMENTED for what Conductor can do and Joinery cannot yet. */
export function addNotYetRoutes(api: Api): void {
  for (const [method, url, reason] of NOT_YET) {
    const schema = { tags: ['not carried out yet'], description: reason };
    api.route({
      method,
      url,
      schema,
      handler: async () => {
        throw joineryError('JN_NOT_IMPLEMENTED', { what: `${method} ${url}`, reason });
      },
    });
  }
}
