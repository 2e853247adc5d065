/*
 * A plain producer of BullMQ, the official SDK and our own client start the same workflow; a worker of ours and one of
 * the SDK share its tasks, of one type.
 */
import {
  createConductorClient,
  TaskManager,
  WorkflowExecutor,
} from '@io-orkes/conductor-javascript';
import { createClient } from '@joinery/client';
import { START_QUEUE, startStartWorker } from '@joinery/queues';
import { createScheduler } from '@joinery/scheduler';
import { eventually } from '@joinery/testing';
import { createWorker, defineTask } from '@joinery/worker';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench, simple } from './fixtures/api-bench.ts';

const PER_STARTER = 4;
const silent = { info: () => undefined, error: () => undefined, debug: () => undefined };

let bench: ApiBench;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  bench = await openBench();
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
  await bench.end();
});

/** Who has taken which attempts; a handler goes on once both kinds have one. */
const taken: { ours: string[]; sdk: string[] } = { ours: [], sdk: [] };
async function take(kind: 'ours' | 'sdk', id: string): Promise<{ readonly by: string }> {
  taken[kind].push(id);
  await eventually(async () => expect([taken.ours.length, taken.sdk.length]).not.toContain(0), {
    withinMs: 20_000,
  });
  return { by: kind };
}

async function startWorkers(): Promise<void> {
  const task = defineTask({
    type: 'shared',
    input: z.object({}).loose(),
    run: (_input, context) => take('ours', context.idempotencyKey),
  });
  const ours = createWorker({
    tasks: [task],
    redisUrl: bench.redis.url,
    concurrency: 1,
    logger: bench.logger,
  });
  await ours.start();
  const client = await createConductorClient({ serverUrl: `${bench.url}/api` });
  const worker = {
    taskDefName: 'shared',
    execute: async ({ taskId = '' }: { readonly taskId?: string }) => ({
      status: 'COMPLETED' as const,
      outputData: await take('sdk', taskId),
    }),
  };
  const options = { pollInterval: 20, concurrency: 1 };
  const theirs = new TaskManager(client, [worker], { logger: silent, options });
  theirs.startPolling();
  ends.push(
    () => ours.stop(),
    () => theirs.stopPolling(),
  );
}

/** Runs of the workflow, by who has started them. */
async function startRuns(): Promise<void> {
  const { engine, connect, redis } = bench.open;
  const scheduler = createScheduler(engine, {
    serveStarts: (handlers) =>
      startStartWorker({
        ...handlers,
        connect,
        connection: redis,
        log: bench.logger,
        concurrency: 4,
      }),
  });
  await scheduler.start(new AbortController().signal);
  ends.push(() => scheduler.stop());
  const { hostname: host, port } = new URL(bench.redis.url);
  const producer = new Queue(START_QUEUE, { connection: { host, port: Number(port) } });
  ends.push(() => producer.close());
  const sdk = new WorkflowExecutor(await createConductorClient({ serverUrl: `${bench.url}/api` }));
  const client = createClient({ url: bench.url });
  for (let n = 0; n < PER_STARTER; n += 1) {
    await producer.add('start', { name: 'kinds', correlationId: 'bullmq' });
    await sdk.startWorkflow({ name: 'kinds', version: 1, correlationId: 'sdk' });
    await client.start({ name: 'kinds', correlationId: 'client' });
  }
}

it('a worker of ours and one of the SDK share the tasks of runs that three kinds of clients start', async () => {
  const tasks = [simple('shared'), { ...simple('shared'), taskReferenceName: 'again' }];
  await bench.call('PUT', '/api/metadata/workflow', [{ name: 'kinds', version: 1, tasks }]);
  await startWorkers();
  await startRuns();
  const query = encodeURIComponent('workflowType = kinds AND status = COMPLETED');
  const count = 3 * PER_STARTER;
  const { results } = await eventually(
    async () => {
      const { body } = await bench.call('GET', `/api/workflow/search-v2?query=${query}`);
      expect(body).toMatchObject({ totalHits: count });
      return Object(body);
    },
    { withinMs: 20_000 },
  );
  const starters = z.array(z.looseObject({ correlationId: z.string() })).parse(results);
  const counted = (name: string): number =>
    starters.filter(({ correlationId }) => correlationId === name).length;
  expect(['bullmq', 'sdk', 'client'].map(counted)).toEqual([4, 4, 4]);
  expect(taken.ours.length).toBeGreaterThan(0);
  expect(taken.sdk.length).toBeGreaterThan(0);
  expect(taken.ours.length + taken.sdk.length).toBe(2 * count);
});
