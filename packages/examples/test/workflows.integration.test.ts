import { createRoleServices, followRun, openSession, type Session } from '@joinery/cli';
import { type Json, type RecordedEvent } from '@joinery/core';
import { startRun } from '@joinery/engine';
import { createServiceGroup, parseConfig, type ServiceGroup } from '@joinery/kit';
import { type RedisServer, startRedis } from '@joinery/testing';
import { loadTasks } from '@joinery/worker';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  askAboutFlights,
  awaitAnswer,
  directAnswer,
  flightTasks,
  readAirports,
  readFlights,
} from '../src/index.ts';

const ignore = (): void => undefined;
let redis: RedisServer;
let session: Session;
let group: ServiceGroup;

beforeAll(async () => {
  redis = await startRedis();
  const config = parseConfig({ REDIS_URL: redis.url, LOG_LEVEL: 'silent' });
  const terminal = { out: ignore, err: ignore, readConfig: () => config, cwd: redis.dir };
  session = await openSession(terminal, { name: 'test', isRole: false });
  const modules = await Promise.all(
    ['nested-fork-join.mjs', 'order-fulfilment.mjs'].map((name) =>
      loadTasks(pathOf(`tasks/${name}`)),
    ),
  );
  const { services } = createRoleServices(session, {
    roles: ['scheduler', 'coordinator', 'sweeper', 'worker'],
    tasks: [...flightTasks, ...modules.flat()],
  });
  group = createServiceGroup({ services, logger: session.logger, drainTimeoutMs: 1_000 });
  await group.start();
});

afterAll(async () => {
  await group.stop();
  await session.close();
  await redis[Symbol.asyncDispose]();
});

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

const signal = new AbortController().signal;

async function run(name: string, input = {}): Promise<{ output: Json; history: RecordedEvent[] }> {
  const definition: Json = JSON.parse(readFileSync(pathOf(`definitions/${name}.json`), 'utf8'));
  const { engine, store } = session.open;
  const { runId } = await startRun(engine, { name, definition, input });
  const history: RecordedEvent[] = [];
  const onEvents = async (events: readonly RecordedEvent[]): Promise<void> => {
    history.push(...events);
  };
  const ended = await followRun(store, runId, { onEvents, signal });
  expect(ended?.status).toBe('COMPLETED');
  return { output: await store.payload(runId, 'run:output'), history };
}

it('the workflow about flights gives the answer of the direct computation, and joins each join once', async () => {
  const question = { airports: 4, resamples: 40 };
  const { engine, store } = session.open;
  const runId = await askAboutFlights(engine, question);
  const { status, answer, history } = await awaitAnswer({ store, runId, signal });
  expect(status).toBe('COMPLETED');
  expect(answer).toEqual(
    await directAnswer({ ...question, flights: readFlights(), names: readAirports() }),
  );
  const joins = history.flatMap(({ event }) =>
    event.type === 'join.fired' ? [`${event.key} ${event.branches}`] : [],
  );
  expect(joins.toSorted()).toEqual([
    'join_airports_feb 4',
    'join_airports_jan 4',
    'join_airports_mar 4',
    'join_distance 3',
    'join_feb 2',
    'join_hours 8',
    'join_jan 2',
    'join_mar 2',
    'join_months 3',
    'join_question 4',
  ]);
  const failures = history.filter(
    ({ event }) => event.type === 'task.completed' && event.status !== 'COMPLETED',
  );
  expect(failures.map(({ event }) => 'key' in event && event.key)).toEqual(['name_airports']);
});

it('the nested fork of thirteen steps is walked on every way', async () => {
  const { output } = await run('nested-fork-join');
  expect(output).toEqual({
    path:
      '((n_1 > n_3 > n_5 + n_1 > n_3 > n_6 > n_7) > n_9 + ' +
      '(n_1 > n_13 + (n_1 > n_11a + n_1 > n_11b) > n_12) > n_15 + n_1 > n_16) > n_18',
  });
});

it('an order is charged at the second attempt, shipped as wished, and billed two seconds later', async () => {
  const { output, history } = await run('order-fulfilment', { shipping: 'pickup' });
  expect(output).toMatchObject({
    invoice: expect.stringMatching(/^A-1: 98 EUR, paid with .*\/charge_card$/),
    reserved: ['lamp', 'bulb'],
  });
  const at = (ref: string, type: string): number =>
    history.find(({ event }) => 'key' in event && event.key === ref && event.type === type)?.at ??
    0;
  expect(at('send_invoice', 'task.scheduled')).toBeGreaterThanOrEqual(
    at('join_prepare', 'join.fired') + 2_000,
  );
  const charged = history.flatMap(({ event }) =>
    event.type === 'task.completed' && event.key === 'charge_card'
      ? [`${event.attempt} ${event.status}`]
      : [],
  );
  expect(charged).toEqual(['1 FAILED', '2 COMPLETED']);
  const shipped = history.some(({ event }) => 'key' in event && event.key.startsWith('ship_'));
  expect(shipped).toBe(false);
});
