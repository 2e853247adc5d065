import { type JsonObject, type RunId, taskKeyOf } from '@joinery/core';
import { createManualTime, createRecordingLogger, systemEntropy } from '@joinery/kit';
import { connectRedis, createBullmqJobQueue, startTaskWorker } from '@joinery/queues';
import { createRedisDefinitionStore, createRedisNudges, createRedisStore } from '@joinery/store';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  claimTask,
  completeTask,
  createEngine,
  decideRun,
  type Engine,
  operateRun,
  registerDefinition,
  restartRun,
  signalRun,
  startRun,
} from '../src/index.ts';
import { taskOfJob } from '../src/tasks/task-of-job.ts';

const logger = createRecordingLogger();
let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
let engine: Engine;
/** Keys whose next attempt fails for good. */
const failing = new Set<string>();
/** `<key> <attempt>` of everything that workers have done. */
const done: string[] = [];
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  redis = connectRedis(server.url, logger);
  await redis.flushall();
  failing.clear();
  done.length = 0;
  const time = createManualTime(1_700_000_000_000);
  const options = { partitions: 2, now: () => time.now() };
  const queue = createBullmqJobQueue({ connection: redis });
  const nudges = createRedisNudges(redis, options);
  engine = createEngine({
    store: createRedisStore(redis, options),
    definitions: createRedisDefinitionStore(redis, options),
    queue,
    nudges,
    locks: 'fused',
    clock: time,
    entropy: systemEntropy,
    logger,
    processId: 'process-1',
  });
  endings.push(
    () => engine.close(),
    () => queue.close(),
    () => nudges.close(),
  );
  for (const taskType of ['first', 'a', 'b', 'last']) serve(taskType);
  await registerDefinition(engine, definition);
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  redis.disconnect();
});

const simple = (ref: string, more: JsonObject = {}): JsonObject => ({
  name: ref,
  taskReferenceName: ref,
  type: 'SIMPLE',
  ...more,
});

/** A task, two branches of which one waits for a person, a join, a task that reads variables. */
const definition: JsonObject = {
  name: 'w',
  tasks: [
    simple('first'),
    simple('f', {
      type: 'FORK_JOIN',
      forkTasks: [[simple('a')], [simple('b'), simple('h', { type: 'HUMAN' })]],
    }),
    simple('j', { type: 'JOIN', joinOn: ['a', 'h'] }),
    simple('last', { inputParameters: { n: '${workflow.variables.n}', h: '${h.output.n}' } }),
  ],
};

function serve(taskType: string): void {
  const worker = startTaskWorker({
    taskType,
    concurrency: 2,
    connect: () => connectRedis(server.url, logger),
    queue: engine.queue,
    log: logger,
    handle: async (job) => {
      const claim = await claimTask(engine, { job, worker: 'w', leaseMs: 3_000 });
      const task = taskOfJob(job);
      if (claim.type !== 'claimed' || task === null) return 'done';
      const { attempt } = job;
      const status = failing.delete(task.key) ? 'FAILED_WITH_TERMINAL_ERROR' : 'COMPLETED';
      await completeTask(engine, {
        ...task,
        attempt,
        token: claim.token,
        status,
        output: {},
        reason: '',
      });
      done.push(`${task.key} ${attempt}`);
      return 'done';
    },
  });
  endings.push(() => worker.close(100));
}

async function begin(): Promise<RunId> {
  return (await startRun(engine, { name: 'w' })).runId;
}

/** Decides until the run is as it is waited for. */
async function until(runId: RunId, isSo: () => Promise<boolean>): Promise<void> {
  await eventually(async () => {
    await decideRun(engine, runId);
    expect(await isSo()).toBe(true);
  });
}

const untilStatus = (runId: RunId, status: string) =>
  until(runId, async () => (await engine.store.find(runId))?.status === status);

const untilWaiting = (runId: RunId) =>
  until(runId, async () => {
    const rows = await engine.store.rows(runId);
    const isOpen = rows.some(({ key, status }) => key === 'h' && status === 'IN_PROGRESS');
    return isOpen && done.some((each) => each.startsWith('a '));
  });

const signal = (runId: RunId, n: number) =>
  signalRun(engine, { runId, task: 'h', status: 'COMPLETED', output: { n } });

async function complete(runId: RunId): Promise<void> {
  await untilWaiting(runId);
  await signal(runId, 1);
  await untilStatus(runId, 'COMPLETED');
}

describe('on Redis and BullMQ', () => {
  it('a signal ends the task that waits, and variables are seen by what comes later', async () => {
    const runId = await begin();
    await untilWaiting(runId);
    const variables = { n: 7 };
    await operateRun(engine, {
      runId,
      operation: { type: 'set-variables', variables, reason: '' },
    });
    await signalRun(engine, { runId, task: 'h', status: 'IN_PROGRESS', output: { n: 1 } });
    expect(await engine.store.payload(runId, 'o:h')).toEqual({ n: 1 });
    expect((await signal(runId, 2))?.row.key).toBe('h');
    await untilStatus(runId, 'COMPLETED');
    expect(await engine.store.payload(runId, 'i:last')).toEqual({ n: 7, h: 2 });
  });

  it('a task is skipped that the flow had not reached', async () => {
    const runId = await begin();
    await operateRun(engine, {
      runId,
      operation: { type: 'skip', task: 'h', output: { n: 3 }, reason: 'x' },
    });
    await untilStatus(runId, 'COMPLETED');
    expect(await engine.store.payload(runId, 'i:last')).toEqual({ n: null, h: 3 });
  });

  it('a retry tries what has failed, under jobs of their own', async () => {
    failing.add('b');
    const runId = await begin();
    await untilStatus(runId, 'FAILED');
    await operateRun(engine, { runId, operation: { type: 'retry', reason: 'mended' } });
    await complete(runId);
    expect(done.filter((each) => /^(?:first|b|last)/.test(each))).toEqual([
      'first 1',
      'b 1',
      'b 2',
      'last 1',
    ]);
    expect((await engine.store.history(runId, 1, 500)).map(({ version }) => version)).toEqual(
      (await engine.store.history(runId, 1, 500)).map((_, index) => index + 1),
    );
  });

  it('a restart does everything again', async () => {
    const runId = await begin();
    await complete(runId);
    await restartRun(engine, { runId, operation: { reason: 'anew', input: { x: 1 } } });
    await complete(runId);
    expect(done.toSorted()).toEqual(
      ['first', 'a', 'b', 'last'].flatMap((key) => [`${key} 1`, `${key} 2`]).toSorted(),
    );
    expect(await engine.store.payload(runId, 'run:input')).toEqual({ x: 1 });
  });

  it('a rerun does a task and what follows from it again', async () => {
    const runId = await begin();
    await complete(runId);
    const operation = { type: 'rerun', key: taskKeyOf('b'), reason: 'again' } as const;
    await operateRun(engine, { runId, operation });
    await untilWaiting(runId);
    await signal(runId, 2);
    await untilStatus(runId, 'COMPLETED');
    expect(done).toContain('b 2');
    expect(done).toContain('last 2');
    expect(done).not.toContain('a 2');
    expect(await engine.store.payload(runId, 'i:last')).toMatchObject({ h: 2 });
  });
});
