import { createEngine } from '@joinery/engine';
import {
  createManualTime,
  createMetrics,
  createRecordingLogger,
  createSeededEntropy,
} from '@joinery/kit';
import { createInMemoryJobQueue, type RedisClient } from '@joinery/queues';
import {
  createMemoryAgenda,
  createMemoryDefinitionStore,
  createMemoryFleet,
  createMemoryNudges,
  createMemoryRunIndex,
  createMemoryStore,
} from '@joinery/store';
import { fastify } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { addApiDocs, API_DOCS_PATH } from './api-docs.ts';
import { addApiRoutes } from './api-routes.ts';
import { createTokens } from './auth/tokens.ts';
import { type RouteParts } from './server-parts.ts';

const time = createManualTime(1_700_000_000_000);
const none = (): never => {
  throw new Error('no route is asked here');
};

/** Enough for routes to be added; none is asked. */
function partsInMemory(): RouteParts {
  const now = (): number => time.now();
  const agenda = createMemoryAgenda({ now });
  const logger = createRecordingLogger();
  const engine = createEngine({
    store: createMemoryStore({ partitions: 1, now }),
    definitions: createMemoryDefinitionStore(),
    nudges: createMemoryNudges(),
    queue: createInMemoryJobQueue({ clock: time }),
    locks: 'fused',
    clock: time,
    entropy: createSeededEntropy(1),
    logger,
    processId: 'p',
  });
  return {
    engine,
    agenda,
    deadLetters: agenda,
    documents: agenda,
    circuits: agenda,
    secrets: { lookup: none, names: none, put: none, remove: none, start: none, stop: none },
    fleet: createMemoryFleet({ now }),
    taskLogs: { append: none, list: none },
    polls: { note: none, list: none },
    index: createMemoryRunIndex(1),
    redis: z.custom<RedisClient>().parse({}),
    connect: none,
    metrics: createMetrics(),
    logger,
    desk: { start: none, poll: none, take: none, pollData: none, close: none },
  };
}

it('every route is described, and no other', async () => {
  const http = fastify();
  http.setValidatorCompiler(validatorCompiler);
  http.setSerializerCompiler(serializerCompiler);
  await addApiDocs(http);
  const routes: string[] = [];
  http.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) {
      if (each !== 'HEAD') routes.push(`${each} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    }
  });
  const state = { isDraining: () => false, check: none, drain: none };
  const access = { keys: [], tokens: createTokens(new Uint8Array(32), 60) };
  await addApiRoutes(http.withTypeProvider<ZodTypeProvider>(), {
    parts: partsInMemory(),
    state,
    access,
  });
  const { body } = await http.inject({ method: 'GET', url: API_DOCS_PATH });
  const described = z
    .looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(JSON.parse(body));
  const names = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(names.toSorted()).toEqual(routes.toSorted());
  expect(routes.length).toBeGreaterThan(120);
  await http.close();
});
