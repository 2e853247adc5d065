import { type ConductorTag, TAGS_LIMIT, tagSchema, withoutTags, withTags } from '@joinery/contract';
import { joineryError } from '@joinery/core';
import { changeDocument, type DocumentPlace, getSchedule, readDocument } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { type ServerParts } from '../server-parts.ts';
import { findEventHandler } from './event-routes.ts';

const TAGS = ['tags'];
/** As who changes the thing itself. */
const change = { config: { role: 'admin' } } as const;
const path = z.object({ name: z.string().min(1).max(255) });
const tags = z.array(tagSchema).max(TAGS_LIMIT);
const oneOrMany = z.union([tagSchema.transform((tag) => [tag]), tags]);
const KIND = 'tags';

/** What can be tagged: the paths, and the error of what is not there. */
interface Tagged {
  readonly kind: string;
  readonly url: string;
  readonly assertThere: (parts: ServerParts, name: string) => Promise<unknown>;
}

const TAGGED: readonly Tagged[] = [
  { kind: 'workflow', url: '/api/metadata/workflow/:name/tags', assertThere: findWorkflow },
  { kind: 'task', url: '/api/metadata/task/:name/tags', assertThere: findTaskDefinition },
  {
    kind: 'event',
    url: '/api/event/:name/tags',
    assertThere: ({ engine }, name) => findEventHandler(engine, name),
  },
  { kind: 'schedule', url: '/api/scheduler/schedules/:name/tags', assertThere: getSchedule },
  { kind: 'secret', url: '/api/secrets/:name/tags', assertThere: findSecret },
];

/** Tags, as Orkes' clients keep them: words for people. They stay when their thing is removed and comes again. */
export function addTagRoutes(api: Api, parts: ServerParts): void {
  for (const tagged of TAGGED) addTagsOf(api, parts, tagged);
  api.get('/api/metadata/tags', { schema: { tags: TAGS } }, async () => {
    const all = await parts.documents.list(KIND);
    return withTags(
      [],
      all.flatMap(({ body }) => tags.parse(body)),
    );
  });
}

function addTagsOf(api: Api, parts: ServerParts, { kind, url, assertThere }: Tagged): void {
  const schema = { tags: TAGS, params: path };
  const update = async (
    name: string,
    edit: (found: readonly ConductorTag[]) => readonly ConductorTag[],
  ): Promise<void> => {
    await assertThere(parts, name);
    const ports = { documents: parts.documents, entropy: parts.engine.entropy };
    await changeDocument(ports, placeOf(kind, name), (found) => {
      const left = [...edit(found ?? [])];
      return left.length === 0 ? null : tags.parse(left);
    });
  };
  api.get(url, { schema }, async ({ params: { name } }) => {
    await assertThere(parts, name);
    return (await readDocument(parts, placeOf(kind, name))) ?? [];
  });
  api.post(url, { ...change, schema: { ...schema, body: tagSchema } }, async (request, reply) => {
    await update(request.params.name, (found) => withTags(found, [request.body]));
    return reply.send();
  });
  api.put(url, { ...change, schema: { ...schema, body: tags } }, async (request, reply) => {
    await update(request.params.name, () => withTags([], request.body));
    return reply.send();
  });
  api.delete(url, { ...change, schema: { ...schema, body: oneOrMany } }, async (request, reply) => {
    await update(request.params.name, (found) => withoutTags(found, request.body));
    return reply.send();
  });
}

function placeOf(kind: string, name: string): DocumentPlace<ConductorTag[]> {
  return { id: `${KIND}/${kind}/${name}`, schema: tags };
}

async function findWorkflow({ engine }: ServerParts, name: string): Promise<void> {
  if ((await engine.definitions.getWorkflow(name)) !== null) return;
  throw joineryError('JN_DEF_NOT_FOUND', { name, version: 'latest' });
}

async function findTaskDefinition({ engine }: ServerParts, name: string): Promise<void> {
  if ((await engine.definitions.getTasks([name])).has(name)) return;
  throw joineryError('JN_TASK_DEF_NOT_FOUND', { name });
}

async function findSecret({ secrets }: ServerParts, name: string): Promise<void> {
  if ((await secrets.names()).includes(name)) return;
  throw joineryError('JN_ITEM_NOT_FOUND', { what: 'secret', name });
}
