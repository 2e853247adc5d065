import { EventEmitter } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Redis } from 'ioredis';
import { type TaskHandler, type TaskOutcome } from '@joinery/queues';
import { eventually, startRedis, type RedisServer } from '@joinery/testing';
import { taskJob } from './task-job.fixture.ts';
import { heldFetch } from './held-fetch.fixture.ts';
import { type Bench, openBench } from './task-worker.fixture.ts';

let server: RedisServer;
let redis: Redis;
let bench: Bench;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await redis.flushall();
  bench = openBench(server);
});
afterEach(() => bench.end());

async function isEmpty(): Promise<void> {
  const { waiting, active, prioritized, delayed } = await bench.queue.waiting('charge');
  expect({ waiting, active, prioritized, delayed }).toEqual({
    waiting: 0,
    active: 0,
    prioritized: 0,
    delayed: 0,
  });
}

interface HeldHandler {
  readonly handle: TaskHandler;
  /** The signal of the first job, once it is there. */
  readonly taken: Promise<AbortSignal>;
  /** Ends the first job, and any later one at once. */
  readonly answer: (outcome: TaskOutcome) => void;
}

/** A handler that ends when it is told to. */
function heldHandler(): HeldHandler {
  const calls = new EventEmitter<{ taken: [AbortSignal]; answered: [TaskOutcome] }>();
  const taken = new Promise<AbortSignal>((resolve) => calls.once('taken', resolve));
  const answered = new Promise<TaskOutcome>((resolve) => calls.once('answered', resolve));
  return {
    handle: (_job, { signal }) => {
      calls.emit('taken', signal);
      return answered;
    },
    taken,
    answer: (outcome) => void calls.emit('answered', outcome),
  };
}

const answersAbort: TaskHandler = (_job, { signal }) =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve('done')));

describe('a task worker', () => {
  it('gets each job of its type once, leaves nothing behind, and the id is free again', async () => {
    const seen: string[] = [];
    bench.work({ handle: async (job) => (seen.push(job.key), 'done') });
    await bench.queue.enqueue([1, 2, 3].map((n) => taskJob(n)));
    await bench.queue.enqueue([taskJob(4, { taskType: 'ship' })]);
    await eventually(isEmpty);
    expect(seen.toSorted()).toEqual(['task1', 'task2', 'task3']);
    expect(await bench.queue.exists([taskJob(1)])).toEqual([false]);
    expect(await redis.keys('bull:charge:00-*')).toEqual([]);
    expect(await bench.queue.enqueue([taskJob(1)])).toEqual(['added']);
    await eventually(() => seen.length === 4);
  });

  it('holds no more jobs than its concurrency', async () => {
    const { handle, answer } = heldHandler();
    const worker = bench.work({ handle, concurrency: 2 });
    await bench.queue.enqueue([1, 2, 3].map((n) => taskJob(n)));
    await eventually(() => worker.activeCount === 2);
    expect(await bench.queue.waiting('charge')).toMatchObject({ active: 2, waiting: 1 });
    answer('done');
    await eventually(isEmpty);
  });

  it('gets a job that it put back at once, or not before its time', async () => {
    const at: number[] = [];
    const answers: TaskOutcome[] = [{ putBackAfterMs: 0 }, { putBackAfterMs: 300 }, 'done'];
    const handle = async (): Promise<TaskOutcome> => {
      at.push(Date.now());
      return answers[at.length - 1] ?? 'done';
    };
    bench.work({ handle, lockDurationMs: 60_000 });
    await bench.queue.enqueue([taskJob(1, { priority: 3 })]);
    await eventually(() => at.length === 3);
    await eventually(isEmpty);
    const [first = 0, second = 0, third = 0] = at;
    expect(second - first).toBeLessThan(250);
    expect(third - second).toBeGreaterThanOrEqual(300);
  });

  it('gets a job again after its handler threw, and says so', async () => {
    let calls = 0;
    bench.work({
      handle: () => {
        calls += 1;
        if (calls === 1) throw new Error('store is away');
        return Promise.resolve('done');
      },
    });
    await bench.queue.enqueue([taskJob(1)]);
    await eventually(() => calls === 2);
    await eventually(isEmpty);
    const line = bench.log.lines.find(({ event }) => event === 'job.failed');
    expect(line).toMatchObject({ level: 'error', runId: '00-run00000', attempt: 1 });
  });

  it('throws out a job that is not ours and goes on', async () => {
    const seen: string[] = [];
    bench.work({ handle: async (job) => (seen.push(job.key), 'done') });
    const odd = { ...taskJob(1), attempt: 0 };
    await bench.queue.enqueue([odd, taskJob(2)]);
    await eventually(isEmpty);
    expect(seen).toEqual(['task2']);
    expect(bench.log.events()).toContain('job.refused');
  });

  it('does not disturb a handler whose job has vanished from Redis', async () => {
    const { handle, taken, answer } = heldHandler();
    const worker = bench.work({ handle, lockDurationMs: 200, stalledIntervalMs: 100 });
    await bench.queue.enqueue([taskJob(1)]);
    const signal = await taken;
    await redis.flushall();
    await eventually(() => bench.log.lines.some(({ err }) => String(err).includes('renew lock')));
    expect(signal.aborted).toBe(false);
    answer('done');
    await eventually(() => worker.activeCount === 0);
    await bench.queue.enqueue([taskJob(2)]);
    await eventually(isEmpty);
  });
});

describe('the end of a task worker', () => {
  it('waits for the active job, fetches no other, and answers all callers alike', async () => {
    const { handle, taken, answer } = heldHandler();
    const worker = bench.work({ handle, concurrency: 1 });
    await bench.queue.enqueue([taskJob(1), taskJob(2)]);
    const signal = await taken;
    const closing = [worker.close(5_000), worker.close(0)];
    answer('done');
    expect(await Promise.all(closing)).toEqual(['drained', 'drained']);
    expect(signal.aborted).toBe(false);
    expect(await bench.queue.exists([taskJob(1), taskJob(2)])).toEqual([false, true]);
  });

  it('hands a job back at the deadline even if the handler ignores its signal, and another has it at once', async () => {
    const { handle, taken } = heldHandler();
    // With such a lease the stalled check cannot be what brings the job back.
    const worker = bench.work({ handle, lockDurationMs: 60_000 });
    await bench.queue.enqueue([taskJob(1)]);
    const signal = await taken;
    expect(await worker.close(50)).toBe('handed-back');
    expect(signal.aborted).toBe(true);
    const other = heldHandler();
    bench.work({ handle: other.handle });
    await other.taken;
    other.answer('done');
    await eventually(isEmpty);
  });

  it('puts back a job that it is given while it hands back, without beginning it', async () => {
    const begun: string[] = [];
    const { connect, fetched, letThrough } = heldFetch(server.url, bench.log);
    // With such a lease the stalled check cannot be what brings the job back.
    const worker = bench.work({
      handle: async (job) => (begun.push(job.key), 'done'),
      lockDurationMs: 60_000,
      connect,
    });
    await bench.queue.enqueue([taskJob(1)]);
    await fetched;
    const closing = worker.close(0);
    // A round trip later it has come to handing back: no job is active.
    await redis.ping();
    letThrough();
    expect(await closing).toBe('drained');
    expect(begun).toEqual([]);
    const other = heldHandler();
    bench.work({ handle: other.handle });
    await other.taken;
    other.answer('done');
    await eventually(isEmpty);
  });

  it('lets a handler answer the signal by itself', async () => {
    const worker = bench.work({ handle: answersAbort });
    await bench.queue.enqueue([taskJob(1)]);
    await eventually(() => worker.activeCount === 1);
    expect(await worker.close(50)).toBe('handed-back');
    await isEmpty();
  });
});
