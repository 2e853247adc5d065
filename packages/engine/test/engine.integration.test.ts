import { EventEmitter, once } from 'node:events';
import { partitionOf, type RunId } from '@joinery/core';
import { createManualTime, createRecordingLogger, systemEntropy } from '@joinery/kit';
import {
  connectRedis,
  createBullmqJobQueue,
  type QueueWorker,
  startTaskWorker,
} from '@joinery/queues';
import { createRedisDefinitionStore, createRedisNudges, createRedisStore } from '@joinery/store';
import { eventually, lyingLocks, type RedisServer, startRedis, testLocks } from '@joinery/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  claimTask,
  completeTask,
  createEngine,
  type DecideLocks,
  decideRun,
  type Engine,
  type EnginePorts,
  lookAtRuns,
  registerDefinition,
  relayUnsent,
  startRun,
} from '../src/index.ts';
import { taskOfJob } from '../src/tasks/task-of-job.ts';
import { forkDefinition } from './fixtures/test-engine.ts';

const logger = createRecordingLogger();
const missing: DecideLocks = { acquire: async () => null };
const never = new AbortController().signal;

let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
let locksUnderTest: EnginePorts['locks'];
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
  locksUnderTest = await testLocks(redis);
});
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
  redis.disconnect();
});

/** Engines on one Redis: its time is the test's, so that nobody waits for a sweep. */
function redisPorts() {
  const time = createManualTime(1_700_000_000_000);
  const options = { partitions: 2, now: () => time.now() };
  const queue = createBullmqJobQueue({ connection: redis });
  const nudges = createRedisNudges(redis, options);
  endings.push(
    () => queue.close(),
    () => nudges.close(),
  );
  let count = 0;
  const engineWith = (overrides: Partial<EnginePorts> = {}): Engine => {
    count += 1;
    const engine = createEngine({
      store: createRedisStore(redis, options),
      definitions: createRedisDefinitionStore(redis, options),
      queue,
      nudges,
      locks: locksUnderTest,
      clock: time,
      entropy: systemEntropy,
      logger,
      processId: `process-${count}`,
      ...overrides,
    });
    endings.push(() => engine.close());
    return engine;
  };
  return { time, engineWith };
}

function serve(engine: Engine, taskTypes: readonly string[]): readonly QueueWorker[] {
  return taskTypes.map((taskType) => {
    const worker = startTaskWorker({
      taskType,
      concurrency: 5,
      connect: () => connectRedis(server.url, logger),
      queue: engine.queue,
      log: logger,
      handle: async (job) => {
        const claim = await claimTask(engine, { job, worker: 'w', leaseMs: 3_000 });
        const task = taskOfJob(job);
        if (claim.type !== 'claimed' || task === null) return 'done';
        const { attempt } = job;
        const result = { status: 'COMPLETED', output: {}, reason: '' } as const;
        await completeTask(engine, { ...task, attempt, token: claim.token, ...result });
        return 'done';
      },
    });
    endings.push(() => worker.close(100));
    return worker;
  });
}

/** Decides what nudges name, until all runs have ended. */
async function decideToEnd(engines: readonly Engine[], runIds: readonly RunId[]): Promise<void> {
  await eventually(
    async () => {
      await Promise.all(
        engines.map(async (engine) => {
          for (const runId of await engine.nudges.pop(0, 50, never)) await decideRun(engine, runId);
        }),
      );
      const runs = await Promise.all(runIds.map((runId) => engines[0]?.store.find(runId)));
      expect(runs.map((run) => run?.status)).toEqual(runIds.map(() => 'COMPLETED'));
    },
    { withinMs: 15_000 },
  );
}

async function eventsOf(engine: Engine, runId: RunId, type: string): Promise<number> {
  const history = await engine.store.history(runId, 1, 1_000);
  expect(history.map(({ version }) => version)).toEqual(history.map((_, index) => index + 1));
  return history.filter(({ event }) => event.type === type).length;
}

async function startForks(engine: Engine, count: number): Promise<RunId[]> {
  await registerDefinition(engine, forkDefinition);
  const runIds: RunId[] = [];
  for (let index = 0; index < count; index += 1) {
    runIds.push((await startRun(engine, { name: 'fork' })).runId);
  }
  return runIds;
}

const taskTypes = ['a', 'b', 'c', 'after'];

describe('the verbs on a real Redis', () => {
  it.each([
    ['the lock under test', undefined],
    ['a lock that lies', lyingLocks],
  ])(
    'take forks through their joins to their ends with %s and four deciders',
    async (_what, locks) => {
      const { engineWith } = redisPorts();
      const engines = Array.from({ length: 4 }, () => engineWith(locks && { locks }));
      const [first = engineWith()] = engines;
      const runIds = await startForks(first, 10);
      serve(first, taskTypes);
      await decideToEnd(engines, runIds);
      for (const runId of runIds) {
        expect(await eventsOf(first, runId, 'join.fired')).toBe(1);
        expect(await eventsOf(first, runId, 'task.completed')).toBe(4);
        expect(await eventsOf(first, runId, 'repair.found')).toBe(0);
      }
    },
  );

  it('decide a run whose lock always misses, after a second', async () => {
    const { engineWith, time } = redisPorts();
    const engine = engineWith({ locks: missing });
    const [runId] = await startForks(engine, 1);
    if (runId === undefined) throw new Error('no run');
    serve(engine, taskTypes);
    await eventually(async () => expect(await eventsOf(engine, runId, 'task.completed')).toBe(3));
    expect((await decideRun(engine, runId)).type).toBe('busy');
    await time.advance(1_001);
    expect((await decideRun(engine, runId)).type).toBe('decided');
    await decideToEnd([engine], [runId]);
  });

  it('bring every run to its end after all keys of all queues were deleted', async () => {
    const { engineWith, time } = redisPorts();
    const engine = engineWith();
    const runIds = await startForks(engine, 20);
    await engine.sentMarks.flush();
    const queueKeys = await redis.keys('bull:*');
    await redis.del(...queueKeys);
    await time.advance(2_500);
    const kinds = new Set<string>();
    for (const partition of [0, 1]) {
      const { repairs } = await lookAtRuns(engine, partition);
      for (const { kind } of repairs) kinds.add(kind);
    }
    expect([...kinds]).toEqual(['lost-job']);
    serve(engine, taskTypes);
    await decideToEnd([engine], runIds);
  });

  it.each(['before-relay', 'after-enqueue'] as const)(
    'relay what a process that died at %s has left over',
    async (place) => {
      const { engineWith, time } = redisPorts();
      const dying = engineWith({
        crashPoint: (point) => {
          if (point === place) throw new Error('SIGKILL');
        },
      });
      const engine = engineWith();
      await registerDefinition(engine, forkDefinition);
      await expect(startRun(dying, { name: 'fork' })).rejects.toThrow('SIGKILL');
      const [summary] = await engine.store.list(1);
      if (summary === undefined) throw new Error('no run');
      const { runId } = summary;
      expect(await relayUnsent(engine, partitionOf(runId))).toBe(0);
      await time.advance(201);
      expect(await relayUnsent(engine, partitionOf(runId))).toBe(3);
      serve(engine, taskTypes);
      await decideToEnd([engine], [runId]);
      expect(await eventsOf(engine, runId, 'task.started')).toBe(4);
    },
  );

  it('leave no job behind when work is done between a scheduler’s reading and its relay', async () => {
    const { engineWith, time } = redisPorts();
    const writer = await slowStart(engineWith);
    const scheduler = engineWith({
      crashPoint: async (point) => {
        if (point !== 'before-relay') return;
        await writer.relay();
        await workOff(writer.engine);
      },
    });
    await time.advance(201);
    expect(await relayUnsent(scheduler, writer.partition)).toBe(3);
    expect(await waitingJobs(scheduler)).toEqual([0, 0, 0]);
  });

  it('leave no job behind when work is done before its own writer relays it', async () => {
    const { engineWith, time } = redisPorts();
    const writer = await slowStart(engineWith);
    const scheduler = engineWith();
    await time.advance(201);
    expect(await relayUnsent(scheduler, writer.partition)).toBe(3);
    await workOff(scheduler);
    await writer.relay();
    expect(await waitingJobs(scheduler)).toEqual([0, 0, 0]);
  });
});

const branchTypes = ['a', 'b', 'c'];

function waitingJobs(engine: Engine): Promise<readonly number[]> {
  return Promise.all(
    branchTypes.map(async (type) => {
      const counts = await engine.queue.waiting(type);
      return counts.prioritized + counts.waiting + counts.delayed + counts.active;
    }),
  );
}

/** Workers come, do all that waits, and go. */
async function workOff(engine: Engine): Promise<void> {
  expect(await waitingJobs(engine)).toEqual([1, 1, 1]);
  const workers = serve(engine, branchTypes);
  await eventually(async () => expect(await waitingJobs(engine)).toEqual([0, 0, 0]));
  await Promise.all(workers.map((worker) => worker.close(1_000)));
}

/** A start that stands still between the writing of its letters and their relay. */
async function slowStart(engineWith: (overrides: Partial<EnginePorts>) => Engine) {
  const events = new EventEmitter();
  const engine = engineWith({
    crashPoint: async (point) => {
      if (point !== 'before-relay') return;
      events.emit('written');
      await once(events, 'relay');
    },
  });
  await registerDefinition(engine, forkDefinition);
  const written = once(events, 'written');
  const starting = startRun(engine, { name: 'fork' });
  await written;
  const [summary] = await engine.store.list(1);
  if (summary === undefined) throw new Error('no run');
  return {
    engine,
    partition: partitionOf(summary.runId),
    relay: async (): Promise<void> => {
      events.emit('relay');
      await starting;
    },
  };
}
