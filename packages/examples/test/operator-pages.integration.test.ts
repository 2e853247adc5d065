import { createRoleServices, followRun, openSession, type Session } from '@joinery/cli';
import { parseEventHandler } from '@joinery/contract';
import { type JsonObject } from '@joinery/core';
import { registerDefinition, startRun } from '@joinery/engine';
import { createServiceGroup, parseConfig, type ServiceGroup } from '@joinery/kit';
import { type RedisServer, startRedis } from '@joinery/testing';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';

/*
 * Every page about an operator has an example: definitions, of which the last is run, its input, and its output. What a
 * reader copies is what runs here.
 */

const ignore = (): void => undefined;
const pages = new URL('../../../docs/operators/', import.meta.url);
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
  const { services } = createRoleServices(session, { roles, tasks: [] });
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

/** The JSON blocks of a page that are marked with this word; the service that it names is ours. */
function blocksOf(page: string, mark: string): readonly JsonObject[] {
  const written = readFileSync(new URL(page, pages), 'utf8');
  const text = written.replaceAll('https://rates.example', serviceUrl);
  const blocks = text.matchAll(/^```json (\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, found, json]): JsonObject[] =>
    found === mark ? [JSON.parse(json ?? '')] : [],
  );
}

it.each(readdirSync(pages))('the example of %s comes to what the page says', async (page) => {
  const { engine, store } = session.open;
  const definitions = blocksOf(page, 'definition');
  const [input] = blocksOf(page, 'input');
  const [output] = blocksOf(page, 'output');
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
  expect(ended).toMatchObject({ status: 'COMPLETED', reason: '' });
  expect(await store.payload(runId, 'run:output')).toEqual(output);
});
