import { type EventHandler, parseEventHandler } from '@joinery/contract';
import { joineryError } from '@joinery/core';
import { type Engine } from '@joinery/engine';
import { type EventLog } from '@joinery/store';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { jsonMap } from '../request-shape.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['event'];
const byName = z.object({ name: z.string() });
/** Handlers start and end runs of anybody. */
const change = { config: { role: 'admin' } } as const;

/** Event handlers. POST registers or replaces, as a client does that repeats itself; PUT replaces alone, as Conductor's. */
export function addEventRoutes(api: Api, { engine }: Pick<ServerParts, 'engine'>): void {
  api.post(
    '/api/event',
    { ...change, schema: { tags: TAGS, body: jsonMap } },
    async ({ body }, reply) => {
      await putHandler(engine, parseEventHandler(body));
      return reply.send();
    },
  );
  api.put(
    '/api/event',
    { ...change, schema: { tags: TAGS, body: jsonMap } },
    async ({ body }, reply) => {
      const handler = parseEventHandler(body);
      await findEventHandler(engine, handler.name);
      await putHandler(engine, handler);
      return reply.send();
    },
  );
  api.get('/api/event', { schema: { tags: TAGS } }, () => handlersOf(engine));
  const query = z.object({ activeOnly: z.stringbool().default(true) });
  api.get(
    '/api/event/:name',
    { schema: { tags: TAGS, params: byName, querystring: query } },
    async ({ params: { name: event }, query: { activeOnly } }) =>
      (await handlersOf(engine)).filter(
        (handler) => handler.event === event && (handler.active || !activeOnly),
      ),
  );
  api.get(
    '/api/event/handler/:name',
    { schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }) => findEventHandler(engine, name),
  );
  api.delete(
    '/api/event/:name',
    { ...change, schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }, reply) => {
      if (!(await logOf(engine).removeHandler(name))) absent(name);
      return reply.send();
    },
  );
}

/** The handler of a name, or JN_EVENT_HANDLER_NOT_FOUND. */
export async function findEventHandler(engine: Engine, name: string): Promise<EventHandler> {
  return (await handlersOf(engine)).find((handler) => handler.name === name) ?? absent(name);
}

async function putHandler(engine: Engine, handler: EventHandler): Promise<void> {
  const { name, event: sink } = handler;
  await logOf(engine).putHandler({ name, sink, definition: handler });
}

async function handlersOf(engine: Engine): Promise<EventHandler[]> {
  const stored = await logOf(engine).handlers();
  return stored.map(({ definition }) => parseEventHandler(definition));
}

function logOf({ events }: Engine): EventLog {
  if (events !== undefined) return events.log;
  const reason = 'this process handles no events';
  throw joineryError('JN_NOT_IMPLEMENTED', { what: 'event handlers', reason });
}

function absent(name: string): never {
  throw joineryError('JN_EVENT_HANDLER_NOT_FOUND', { name });
}
