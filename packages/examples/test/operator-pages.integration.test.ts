import { createRoleServices, followRun, openSession, type Session } from '@joinery/cli';
import { parseEventHandler } from '@joinery/contract';
import { type JsonObject } from '@joinery/core';
import { registerDefinition, startRun } from '@joinery/engine';
import { createServiceGroup, parseConfig, type ServiceGroup } from '@joinery/kit';
import { type RedisServer, startRedis } from '@joinery/testing';
import { loadTasks } from '@joinery/worker';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

/*
 * Every page about an operator has an example: definitions, of which the last is run, its input, its output, and how it
 * ends when it does not complete. What a reader copies is what runs here.
 */

const ignore = (): void => undefined;
const folder = new URL('../../../docs/operators/', import.meta.url);
const index = 'README.md';
const pages = readdirSync(folder).filter((name) => name !== index);
const tasksPath = fileURLToPath(new URL('../tasks/order-fulfilment.mjs', import.meta.url));
let redis: RedisServer;
let session: Session;
let group: ServiceGroup;
let serviceUrl = '';
const service = createServer((_request, response) => response.end(answer));

beforeAll(async () => {
  redis = await startRedis();
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  const address = service.address();
  serviceUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const env = { JOINERY_OUTBOUND_ALLOW: '127.0.0.1', LOG_LEVEL: 'silent' };
  const config = parseConfig({ REDIS_URL: redis.url, ...env });
  const terminal = { out: ignore, err: ignore, readConfig: () => config, cwd: redis.dir };
  session = await openSession(terminal, { name: 'test', isRole: false });
  const roles = ['scheduler', 'coordinator', 'sweeper', 'worker'] as const;
  const tasks = await loadTasks(tasksPath);
  const { services } = createRoleServices(session, { roles, tasks });
  group = createServiceGroup({ services, logger: session.logger, drainTimeoutMs: 1_000 });
  await group.start();
});

afterAll(async () => {
  await group.stop();
  await session.close();
  await redis[Symbol.asyncDispose]();
  service.close();
});

/** What the pages' service says of anything. */
const answer = '{"base":"EUR","rates":{"USD":1.25}}';

function textOf(page: string): string {
  return readFileSync(new URL(page, folder), 'utf8');
}

/** The JSON blocks of a page that are marked with this word; the service that it names is ours. */
function blocksOf(page: string, mark: string): readonly JsonObject[] {
  const text = textOf(page).replaceAll('https://rates.example', serviceUrl);
  const blocks = text.matchAll(/^```json (\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, found, json]): JsonObject[] =>
    found === mark ? [JSON.parse(json ?? '')] : [],
  );
}

it.each(pages)('the example of %s comes to what the page says', async (page) => {
  const { engine, store } = session.open;
  const definitions = blocksOf(page, 'definition');
  const [input] = blocksOf(page, 'input');
  const [output] = blocksOf(page, 'output');
  const [end = { status: 'COMPLETED', reason: '' }] = blocksOf(page, 'end');
  let name = '';
  for (const definition of definitions) {
    ({ name } = await registerDefinition(engine, definition));
  }
  for (const written of blocksOf(page, 'handler')) {
    const handler = parseEventHandler(written);
    await engine.events?.log.putHandler({
      name: handler.name,
      sink: handler.event,
      definition: written,
    });
  }
  const { runId } = await startRun(engine, { name, input: input ?? {} });
  const { signal } = new AbortController();
  const ended = await followRun(store, runId, { onEvents: async () => undefined, signal });
  expect(ended).toMatchObject(end);
  expect(await store.payload(runId, 'run:output')).toEqual(output);
});

it('the handlers that pages show are those that run', () => {
  const shown = pages.flatMap((page) => [...textOf(page).matchAll(/^```js\n(.*?)^```$/gms)]);
  const handlers = readFileSync(tasksPath, 'utf8');
  expect(shown).not.toEqual([]);
  for (const [, handler = ''] of shown) expect(handlers).toContain(handler);
});

it('the index leads to every page, once', () => {
  const links = [...textOf(index).matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, page]) => page);
  expect(links.toSorted()).toEqual(pages.toSorted());
});
