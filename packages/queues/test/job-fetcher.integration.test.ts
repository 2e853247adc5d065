import { createRecordingLogger } from '@joinery/kit';
import {
  connectRedis,
  createBullmqJobQueue,
  type FetchedJob,
  type JobFetcher,
  type JobQueue,
  openJobFetcher,
  type RedisClient,
} from '@joinery/queues';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { taskJob } from './task-job.fixture.ts';

const log = createRecordingLogger();
let server: RedisServer;
let connection: RedisClient;
let queue: JobQueue;
let fetcher: JobFetcher;

beforeAll(async () => {
  server = await startRedis();
  connection = connectRedis(server.url, log);
  queue = createBullmqJobQueue({ connection });
});
afterAll(async () => {
  connection.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await connection.flushall();
  fetcher = open();
});
afterEach(() => fetcher.close());

function open(): JobFetcher {
  const connect = (): RedisClient => connectRedis(server.url, log);
  return openJobFetcher({
    taskType: 'charge',
    connect,
    log,
    lockDurationMs: 1_000,
    stalledIntervalMs: 200,
  });
}

async function fetched(take: Promise<FetchedJob | null>): Promise<FetchedJob> {
  const job = await take;
  if (job === null) throw new Error('no job came');
  return job;
}

describe('a job fetcher', () => {
  it('takes waiting jobs one by one, and takes them out of the queue when they are done', async () => {
    await queue.enqueue([taskJob(1), taskJob(2)]);
    const first = await fetched(fetcher.tryNext());
    const second = await fetched(fetcher.next());
    expect([first.job, second.job]).toEqual([taskJob(1), taskJob(2)]);
    expect(await fetcher.tryNext()).toBeNull();
    await Promise.all([first.done(), second.done()]);
    expect(await queue.exists([taskJob(1), taskJob(2)])).toEqual([false, false]);
  });

  it('waits for a job without asking again, and has it at once', async () => {
    const waiting = fetcher.next();
    await eventually(async () => expect(await blockedClients()).toBe(1));
    const before = await commandCount('bzpopmin');
    const sentAt = performance.now();
    await queue.enqueue([taskJob(1)]);
    const taken = await fetched(waiting);
    // Promised: 20 ms for a whole hand-over; ten times that finds a hang.
    expect(performance.now() - sentAt).toBeLessThan(200);
    expect(taken.job).toEqual(taskJob(1));
    expect(await commandCount('bzpopmin')).toBe(before);
    await taken.done();
  });

  it('puts a job back at once or for later', async () => {
    await queue.enqueue([taskJob(1)]);
    await (await fetched(fetcher.tryNext())).putBack(0);
    await (await fetched(fetcher.tryNext())).putBack(300);
    expect(await fetcher.tryNext()).toBeNull();
    expect(await queue.waiting('charge')).toMatchObject({ delayed: 1, waiting: 0 });
    await (await fetched(fetcher.next())).done();
  });

  it('gets back what another one has forgotten', async () => {
    await queue.enqueue([taskJob(1)]);
    const other = open();
    await fetched(other.tryNext());
    await other.close();
    const again = await eventually(() => fetched(fetcher.tryNext()), { everyMs: 50 });
    expect(again.job).toEqual(taskJob(1));
    await again.done();
  });

  it('ends a waiting call when it is closed, and takes nothing afterwards', async () => {
    const waiting = fetcher.next();
    await eventually(async () => expect(await blockedClients()).toBe(1));
    await fetcher.close();
    expect(await waiting).toBeNull();
    await queue.enqueue([taskJob(1)]);
    expect(await fetcher.next()).toBeNull();
    expect(await queue.waiting('charge')).toMatchObject({ active: 0 });
  });
});

async function blockedClients(): Promise<number> {
  return Number(/blocked_clients:(\d+)/.exec(await connection.info('clients'))?.[1]);
}

async function commandCount(command: string): Promise<number> {
  const stats = await connection.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}
