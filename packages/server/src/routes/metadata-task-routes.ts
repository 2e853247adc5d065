import { joineryError, parseTaskDef } from '@joinery/core';
import { registerTaskDefinition } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { jsonMap } from '../request-shape.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['metadata'];
/** Definitions decide what every later run does. */
const change = { config: { role: 'admin' } } as const;
const LIST_LIMIT = 1_000;

/**
 * Task definitions. PUT registers what is not there yet, as Orkes does and Conductor OSS does not: its own SDK for
 * JavaScript registers its workers so, and without it they would run undefined.
 */
export function addMetadataTaskRoutes(api: Api, { engine }: ServerParts): void {
  const { definitions } = engine;
  api.post(
    '/api/metadata/taskdefs',
    { ...change, schema: { tags: TAGS, body: z.array(jsonMap).max(LIST_LIMIT) } },
    async ({ body }, reply) => {
      for (const json of body) parseTaskDef(json);
      for (const json of body) await registerTaskDefinition(engine, json);
      return reply.send();
    },
  );
  api.put(
    '/api/metadata/taskdefs',
    { ...change, schema: { tags: TAGS, body: jsonMap } },
    async ({ body }, reply) => {
      await registerTaskDefinition(engine, body);
      return reply.send();
    },
  );
  api.get('/api/metadata/taskdefs', { schema: { tags: TAGS } }, async () => {
    const found = await definitions.getTasks(await definitions.listTasks());
    return [...found.values()];
  });
  const params = z.object({ name: z.string() });
  api.get(
    '/api/metadata/taskdefs/:name',
    { schema: { tags: TAGS, params } },
    async ({ params: { name } }) => {
      const found = (await definitions.getTasks([name])).get(name);
      return found ?? absent(name);
    },
  );
  api.delete(
    '/api/metadata/taskdefs/:name',
    { ...change, schema: { tags: TAGS, params } },
    async ({ params: { name } }, reply) => {
      if (!(await definitions.removeTask(name))) absent(name);
      return reply.send();
    },
  );
}

function absent(name: string): never {
  throw joineryError('JN_TASK_DEF_NOT_FOUND', { name });
}
