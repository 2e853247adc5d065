import { bulkResponseOf } from '@joinery/contract';
import { joineryError, parseWorkflowDef } from '@joinery/core';
import { registerDefinition } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { flag, jsonMap, whole } from '../request-shape.ts';
import { createDefinitionList, sendTagged } from '../definition-list.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['metadata'];
/** Definitions decide what every later run does. */
const change = { config: { role: 'admin' } } as const;
const LIST_LIMIT = 1_000;
const byName = z.object({ name: z.string() });
const version = whole(0, 2_147_483_647);

/** Workflow definitions: register, replace, look, remove. A definition is checked in full before it is kept. */
export function addMetadataWorkflowRoutes(api: Api, parts: ServerParts): void {
  const { engine } = parts;
  const { definitions } = engine;
  const overwrite = z.object({ overwrite: flag(false) });
  api.post(
    '/api/metadata/workflow',
    { ...change, schema: { tags: TAGS, body: jsonMap, querystring: overwrite } },
    async ({ body, query }, reply) => {
      const { name, version: number } = parseWorkflowDef(body);
      if (!query.overwrite && (await definitions.getWorkflow(name, number)) !== null) {
        throw joineryError('JN_DEF_EXISTS', { name, version: number });
      }
      await registerDefinition(engine, body);
      return reply.send();
    },
  );
  api.put(
    '/api/metadata/workflow',
    { ...change, schema: { tags: TAGS, body: z.array(jsonMap).max(LIST_LIMIT) } },
    async ({ body }) => {
      // All are read before the first is kept, so that a bad one leaves nothing half done.
      for (const json of body) parseWorkflowDef(json);
      const names: string[] = [];
      for (const json of body) names.push((await registerDefinition(engine, json)).name);
      return bulkResponseOf(names.map((name) => [name, null]));
    },
  );
  api.post(
    '/api/metadata/workflow/validate',
    { ...change, schema: { tags: TAGS, body: jsonMap } },
    async ({ body }, reply) => {
      parseWorkflowDef(body);
      return reply.send();
    },
  );
  api.delete(
    '/api/metadata/workflow/:name/:version',
    { ...change, schema: { tags: TAGS, params: byName.extend({ version }) } },
    async ({ params }, reply) => {
      const isRemoved = await definitions.removeWorkflow(params.name, params.version);
      if (!isRemoved) throw joineryError('JN_DEF_NOT_FOUND', params);
      return reply.send();
    },
  );
  addLooks(api, parts);
}

function addLooks(api: Api, { engine: { definitions } }: ServerParts): void {
  const schema = { tags: TAGS };
  api.get(
    '/api/metadata/workflow/:name',
    {
      schema: {
        tags: TAGS,
        params: byName,
        querystring: z.object({ version: version.optional() }),
      },
    },
    async ({ params: { name }, query }) => {
      // 0 means the latest, as in a start.
      const number = query.version || undefined;
      const found = await definitions.getWorkflow(name, number);
      if (found !== null) return found;
      throw joineryError('JN_DEF_NOT_FOUND', { name, version: number ?? 'latest' });
    },
  );
  const list = createDefinitionList(definitions);
  for (const path of ['/api/metadata/workflow', '/api/metadata/workflow/latest-versions']) {
    api.get(path, { schema }, async (request, reply) => {
      const { latest, every } = await list();
      return sendTagged(request, reply, path.endsWith('latest-versions') ? latest : every);
    });
  }
  api.get('/api/metadata/workflow/names', { schema }, async () =>
    distinctNames(await definitions.listWorkflows()),
  );
  api.get('/api/metadata/workflow/names-and-versions', { schema }, async () => {
    const listed = await definitions.listWorkflows();
    return Object.fromEntries(
      distinctNames(listed).map((name) => [name, listed.filter((each) => each.name === name)]),
    );
  });
  api.get(
    '/api/metadata/workflow/:name/versions',
    { schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }) => {
      const listed = await definitions.listWorkflows();
      const versions = listed.filter((each) => each.name === name).map((each) => each.version);
      if (versions.length > 0) return versions;
      throw joineryError('JN_DEF_NOT_FOUND', { name, version: 'any' });
    },
  );
}

function distinctNames(listed: readonly { readonly name: string }[]): readonly string[] {
  return [...new Set(listed.map(({ name }) => name))];
}
