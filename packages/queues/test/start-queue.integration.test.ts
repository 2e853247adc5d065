import { Queue, QueueEvents } from 'bullmq';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { joineryError } from '@joinery/core';
import { createRecordingLogger } from '@joinery/kit';
import {
  checkRedis,
  connectRedis,
  type QueuedStart,
  type QueueWorker,
  type RedisClient,
  START_QUEUE,
  startStartWorker,
} from '@joinery/queues';
import { eventually, startRedis, type RedisServer } from '@joinery/testing';

interface Request {
  readonly name: string;
}

const log = createRecordingLogger();
const started: QueuedStart<Request>[] = [];
/** Errors for the next calls of start. */
const failures: Error[] = [];
let server: RedisServer;
let connection: RedisClient;
let worker: QueueWorker;
/** A producer as users write it. */
let producer: Queue;
let events: QueueEvents;

function parse(payload: unknown): Request {
  const parsed = z.object({ name: z.string() }).safeParse(payload);
  if (parsed.success) return parsed.data;
  throw joineryError('JN_REQUEST_INVALID', { what: 'start', problem: parsed.error.message });
}

beforeAll(async () => {
  server = await startRedis();
  connection = connectRedis(server.url, log);
  worker = startStartWorker({
    parse,
    start: async (start) => {
      started.push(start);
      const failure = failures.shift();
      if (failure) throw failure;
      return `run of ${start.request.name}`;
    },
    concurrency: 4,
    connect: () => connectRedis(server.url, log),
    connection,
    log,
  });
  const own = { connection: { url: server.url } };
  producer = new Queue('workflow-starts', own);
  events = new QueueEvents('workflow-starts', own);
});
afterAll(async () => {
  await Promise.all([worker.close(1_000), producer.close(), events.close()]);
  connection.disconnect();
  await server[Symbol.asyncDispose]();
});

test('a request from plain BullMQ is started, and its producer can wait for the run', async () => {
  expect(START_QUEUE).toBe('workflow-starts');
  const job = await producer.add('order', { name: 'order' });
  expect(await job.waitUntilFinished(events)).toBe('run of order');
  expect(started.at(-1)?.request).toEqual({ name: 'order' });
});

test('equal requests are two starts with two default keys', async () => {
  started.length = 0;
  await producer.addBulk([1, 2].map(() => ({ name: 'twice', data: { name: 'twice' } })));
  await eventually(() => started.length === 2);
  expect(new Set(started.map((start) => start.defaultIdempotencyKey)).size).toBe(2);
});

test('a request that is none lands in the failed set with its code, at once, whatever attempts it allows', async () => {
  started.length = 0;
  const job = await producer.add('bad', { nam: 'order' }, { attempts: 5 });
  await expect(job.waitUntilFinished(events)).rejects.toThrow('JN_REQUEST_INVALID');
  const [failed] = await producer.getFailed();
  expect(failed).toMatchObject({ id: job.id, attemptsMade: 1 });
  expect(started).toEqual([]);
  expect(log.events()).toContain('start.refused');
});

test('a start that fails for now is tried again with the same default key', async () => {
  started.length = 0;
  failures.push(
    joineryError('JN_REDIS_UNAVAILABLE', { address: 'a', operation: 'start', waitedMs: 1 }),
    new Error('something else'),
  );
  const job = await producer.add('order', { name: 'order' });
  expect(await job.waitUntilFinished(events)).toBe('run of order');
  expect(started).toHaveLength(3);
  expect(new Set(started.map((start) => start.defaultIdempotencyKey)).size).toBe(1);
});

test('a real Redis tells its version and policy, and one that evicts is refused', async () => {
  expect(await checkRedis(connection, 'here')).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/u),
    maxmemoryPolicy: 'noeviction',
  });
  await using evicting = await startRedis({ maxmemoryPolicy: 'allkeys-lru' });
  const client = connectRedis(evicting.url, log);
  await expect(checkRedis(client, 'there')).rejects.toMatchObject({
    code: 'JN_REDIS_EVICTION_POLICY',
  });
  client.disconnect();
});
