import swagger from '@fastify/swagger';
import { type FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import { version } from './version.ts';

/** Where the description of the API is. */
export const API_DOCS_PATH = '/api-docs';

/** Collects what the routes that are added from now on say of themselves. */
export async function addApiDocs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Joinery',
        description: 'Conductor’s API on Redis and BullMQ',
        version,
      },
      servers: [],
    },
    // Request schemas are the ones that validate.
    transform: jsonSchemaTransform,
  });
  app.get(API_DOCS_PATH, { schema: { hide: true } }, async () => app.swagger());
}
