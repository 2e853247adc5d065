import { readFileSync } from 'node:fs';
import type { Json, JsonObject } from '@joinery/core';
import { registerTaskDefinition } from '@joinery/engine';
import { createRecordingLogger } from '@joinery/kit';
import { connectRedis } from '@joinery/queues';
import { eventually, startRedis } from '@joinery/testing';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import * as worker from '../src/index.ts';
import { openPlant, type Plant } from './fixtures/plant.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

let plant: Plant | undefined;
afterEach(async () => {
  await plant?.[Symbol.asyncDispose]();
});

/** The example as it stands, with its imports and its Redis replaced; answers the worker that it has started. */
async function runExample(redisUrl: string): Promise<worker.Worker> {
  const code = /```ts\n(?<code>[^`]*)```/u.exec(readme)?.groups?.['code'] ?? '';
  const body = code
    .replaceAll(/^import .*$/gmu, '')
    .replace(/'redis:[^']*'/u, JSON.stringify(redisUrl))
    .replace(/^process\.once.*$/mu, 'return worker;');
  const url = `data:text/javascript,${encodeURIComponent(
    `export const example = async ({ createWorker, defineTask, z }) => {${body}};`,
  )}`;
  const { example } = await import(/* @vite-ignore */ url);
  return example({ ...worker, z });
}

it('the ten lines of the README are a worker', async () => {
  plant = await openPlant({ partitions: 16 });
  const started = await runExample(plant.redis.url);
  const runId = await plant.start('resize_image', { width: 3 });
  await eventually(async () => (await plant?.row(runId))?.status === 'COMPLETED');
  const output: Json | JsonObject = { area: 9, key: `${runId}/only` };
  expect(await plant.output(runId)).toEqual(output);
  expect(await plant.fleet.live()).toMatchObject([
    { id: started.id, roles: ['worker'], taskTypes: ['resize_image'], phase: 'ready' },
  ]);
  await started.stop();
  expect(await plant.fleet.live()).toEqual([]);
});

it('a worker does not start on a Redis that may evict runs, and keeps no connection to it', async () => {
  await using redis = await startRedis({ maxmemoryPolicy: 'allkeys-lru' });
  const tasks = [worker.echoTask('echo')];
  const refused = worker.createWorker({
    tasks,
    redisUrl: redis.url,
    logger: createRecordingLogger(),
  });
  await expect(refused.start()).rejects.toMatchObject({ code: 'JN_REDIS_EVICTION_POLICY' });
  const probe = connectRedis(redis.url, createRecordingLogger());
  await eventually(async () => /^connected_clients:1\r?$/mu.test(await probe.info('clients')));
  probe.disconnect();
});

it('workers that have nothing but an address share the limits of a task', async () => {
  plant = await openPlant({ partitions: 16 });
  const { url } = plant.redis;
  await registerTaskDefinition(plant.engine, { name: 'charge', concurrentExecLimit: 1 });
  const [ends, atOnce]: [(() => void)[], number[]] = [[], []];
  const charge = worker.defineTask({
    type: 'charge',
    input: z.object({}),
    run: () =>
      new Promise((resolve) => {
        ends.push(() => resolve({}));
        atOnce.push(ends.length);
      }),
  });
  const logger = createRecordingLogger();
  const workers = ['w1', 'w2'].map((workerId) =>
    worker.createWorker({ tasks: [charge], redisUrl: url, workerId, logger }),
  );
  for (const each of workers) await each.start();
  const runIds = [];
  for (let count = 0; count < 4; count += 1) {
    runIds.push(await plant.start('charge'));
  }
  for (let count = 0; count < runIds.length; count += 1) {
    await eventually(() => ends.length > 0);
    ends.shift()?.();
  }
  for (const runId of runIds) {
    await eventually(async () => (await plant?.row(runId))?.status === 'COMPLETED');
  }
  expect(atOnce).toEqual([1, 1, 1, 1]);
  for (const each of workers) await each.stop();
});
