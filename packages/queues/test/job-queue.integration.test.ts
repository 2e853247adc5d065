import { Worker } from 'bullmq';
import { type Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRecordingLogger } from '@joinery/kit';
import {
  connectRedis,
  createBullmqJobQueue,
  createInMemoryJobQueue,
  queueNameOf,
  taskJobSchema,
} from '@joinery/queues';
import { startRedis, type RedisServer } from '@joinery/testing';
import { describeJobQueue } from './job-queue.conformance.ts';
import { taskJob } from './task-job.fixture.ts';

let server: RedisServer;
let connection: Redis;
const workers = new Map<string, Worker>();

beforeAll(async () => {
  server = await startRedis();
  connection = connectRedis(server.url, createRecordingLogger());
});
afterAll(async () => {
  await Promise.all([...workers.values()].map((worker) => worker.close(true)));
  connection.disconnect();
  await server[Symbol.asyncDispose]();
});

function workerOf(taskType: string): Worker {
  const known = workers.get(taskType);
  const worker = known ?? new Worker(queueNameOf(taskType), null, { connection });
  workers.set(taskType, worker);
  return worker;
}

describeJobQueue('BullMQ', async () => {
  await connection.flushall();
  return {
    queue: createBullmqJobQueue({ connection }),
    take: async (taskType) => {
      const taken = await workerOf(taskType).getNextJob('token', { block: false });
      return taken ? taskJobSchema.parse(taken.data) : null;
    },
    forget: async () => void (await connection.flushall()),
  };
});

describeJobQueue('in memory', async () => {
  const queue = createInMemoryJobQueue();
  return {
    queue,
    take: async (taskType) => queue.take(taskType),
    forget: async () => queue.forget(),
  };
});

test('10,000 jobs go out in batches, none lost, in order', async () => {
  await connection.flushall();
  await connection.config('RESETSTAT');
  const queue = createBullmqJobQueue({ connection });
  const jobs = Array.from({ length: 10_000 }, (_, n) => taskJob(n));
  const results = await queue.enqueue(jobs);
  expect(results.every((result) => result === 'added')).toBe(true);
  expect((await queue.waiting('charge')).waiting).toBe(10_000);
  const stats = await connection.info('commandstats');
  // One SADD per batch of 1,000.
  expect(stats).toMatch(/cmdstat_sadd:calls=10,/u);
  const oldest = await workerOf('charge').getNextJob('token', { block: false });
  expect(oldest?.data).toEqual(jobs[0]);
  await queue.close();
});

test('a job of somebody else in our queue is seen by the scan, without data', async () => {
  await connection.flushall();
  const queue = createBullmqJobQueue({ connection });
  await queue.enqueue([taskJob(1)]);
  await connection.hset('bull:charge:x', 'data', '{"runId":1}');
  await connection.hset('bull:charge:y', 'data', 'not json');
  await connection.lpush('bull:charge:wait', 'x', 'y', 'gone');
  const { jobs } = await queue.scan('charge', 'waiting:0', 10);
  expect(jobs.map(({ id, job }) => [id, job?.key])).toEqual([
    ['gone', undefined],
    ['y', undefined],
    ['x', undefined],
    ['00-run00000.task1.1.1', 'task1'],
  ]);
  await queue.close();
});

test('jobs whose data is all that is left of them are not there', async () => {
  await connection.flushall();
  const queue = createBullmqJobQueue({ connection });
  const byPriority = taskJob(1, { priority: 99 });
  const inOrder = taskJob(2);
  const taken = taskJob(3, { taskType: 'refund' });
  await queue.enqueue([byPriority, inOrder, taken]);
  await workerOf('refund').getNextJob('token', { block: false });
  const jobs = [byPriority, inOrder, taken, taskJob(4)];
  expect(await queue.exists(jobs)).toEqual([true, true, true, false]);
  await connection.del('bull:charge:prioritized', 'bull:charge:wait', 'bull:refund:active');
  expect(await connection.exists('bull:charge:00-run00000.task1.1.1')).toBe(1);
  expect(await queue.exists(jobs)).toEqual([false, false, false, false]);
  // BullMQ goes by the data: only a new dispatch can take their places.
  expect(await queue.enqueue([byPriority])).toEqual(['duplicate']);
  await queue.close();
});
