import { type SchemaDef, schemaDefSchema } from '@joinery/contract';
import { joineryError } from '@joinery/core';
import { changeDocument, type DocumentPlace, readDocument } from '@joinery/engine';
import { z } from 'zod';
import { dropNullFields } from '../absent-values.ts';
import { type Api } from '../api.ts';
import { whole } from '../request-shape.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['schema'];
/** Whoever writes definitions writes what they refer to. */
const change = { config: { role: 'admin' } } as const;
const KIND = 'schema';
const byName = z.object({ name: z.string().min(1).max(255) });
const byVersion = byName.extend({ version: whole(1, 2_147_483_647) });
/** All versions of one name in one document, by version. */
const versions = z.array(schemaDefSchema).max(1_000);

/**
 * Registered schemas, as Conductor's clients for Python keep them beside their task definitions. They are for people and
 * clients: what a definition enforces is the schema that it carries itself.
 */
export function addSchemaRoutes(api: Api, parts: ServerParts): void {
  const ports = { documents: parts.documents, entropy: parts.engine.entropy };
  const body = z.union([schemaDefSchema.transform((def) => [def]), versions.min(1)]);
  api.post(
    '/api/schema',
    { ...change, schema: { tags: TAGS, body }, preValidation: dropNullFields },
    async ({ body: defs }, reply) => {
      for (const def of defs) {
        await changeDocument(ports, placeOf(def.name), (found) => withVersion(found ?? [], def));
      }
      return reply.send();
    },
  );
  api.delete(
    '/api/schema/:name',
    { ...change, schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }, reply) => {
      const before = await changeDocument(ports, placeOf(name), () => null);
      if (before === null) absent(name);
      return reply.send();
    },
  );
  api.delete(
    '/api/schema/:name/:version',
    { ...change, schema: { tags: TAGS, params: byVersion } },
    async ({ params: { name, version } }, reply) => {
      const before = await changeDocument(ports, placeOf(name), (found) => {
        const left = (found ?? []).filter((def) => def.version !== version);
        return left.length === 0 ? null : left;
      });
      if (!before?.some((def) => def.version === version)) absent(`${name} version ${version}`);
      return reply.send();
    },
  );
  addLooks(api, parts);
}

function addLooks(api: Api, { documents }: ServerParts): void {
  api.get('/api/schema', { schema: { tags: TAGS } }, async () =>
    (await documents.list(KIND)).flatMap(({ body }) => versions.parse(body)),
  );
  const find = async (name: string): Promise<readonly SchemaDef[]> =>
    (await readDocument({ documents }, placeOf(name))) ?? [];
  api.get(
    '/api/schema/:name',
    { schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }) => (await find(name)).at(-1) ?? absent(name),
  );
  api.get(
    '/api/schema/:name/:version',
    { schema: { tags: TAGS, params: byVersion } },
    async ({ params: { name, version } }) =>
      (await find(name)).find((def) => def.version === version) ??
      absent(`${name} version ${version}`),
  );
}

function placeOf(name: string): DocumentPlace<SchemaDef[]> {
  return { id: `${KIND}/${name}`, schema: versions };
}

function withVersion(defs: readonly SchemaDef[], added: SchemaDef): SchemaDef[] {
  const others = defs.filter(({ version }) => version !== added.version);
  return [...others, added].toSorted((a, b) => a.version - b.version);
}

function absent(name: string): never {
  throw joineryError('JN_ITEM_NOT_FOUND', { what: 'schema', name });
}
