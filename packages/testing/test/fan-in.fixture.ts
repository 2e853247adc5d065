import { type RunId } from '@joinery/core';
import { claimTask, completeTask, decideRun, type Engine } from '@joinery/engine';
import { type TaskJob } from '@joinery/queues';
import { Redis } from 'ioredis';
import { type LocalSystem, openLocalSystem } from '../src/chaos/local-system.ts';
import {
  costBetween,
  redisCost,
  type RedisCost,
  type SlowCommand,
  slowCommands,
  watchSlow,
} from '../src/chaos/redis-cost.ts';
import { stepTask } from '../src/chaos/step-task.ts';
import { eventually, startRedis } from '../src/index.ts';
import { composeWorkload } from '../src/workloads/compose-workload.ts';
import { dynamicFork } from '../src/workloads/known-workloads.ts';
import {
  expectedValues,
  STEP_TASK,
  stepInputSchema,
  stepValue,
  type Workload,
} from '../src/workloads/workload.ts';

/** What a fan-in of one width has cost. */
export interface FanInCost extends RedisCost {
  readonly width: number;
  readonly decisions: number;
  readonly slowest: readonly SlowCommand[];
  readonly status: string;
  /** The step after the join came to what was computed directly. */
  readonly isAsComputed: boolean;
  readonly ms: number;
}

/**
 * A run of `width` branches, taken through one step at a time by hand: what is counted is then the engine's own, the
 * same each time, with no waiting and no polling in between.
 */
export async function fanIn(width: number): Promise<FanInCost> {
  const startedAt = performance.now();
  await using redis = await startRedis();
  const nobody = { workers: 0, coordinators: 0, sweepers: 0, schedulers: 0 };
  await using system = await openLocalSystem({
    url: redis.url,
    tasks: [],
    queue: 'memory',
    ...nobody,
  });
  const raw = new Redis(redis.url);
  try {
    await warmUp(system);
    await watchSlow(raw, 1_000);
    const workload = dynamicFork(width);
    const decisionsBefore = system.seen.commits.length;
    const before = await redisCost(raw);
    const [runId] = await system.start(workload, [1]);
    if (runId === undefined) throw new Error('nothing was started');
    const { engine } = system.client;
    const queued = await takeThrough(engine, runId);
    const cost = costBetween(before, await redisCost(raw));
    const { store } = engine;
    const output = await store.payload(runId, 'o:after');
    const value = expectedValues(workload, 1).get('after');
    const isAsComputed =
      JSON.stringify(output) === JSON.stringify({ value }) && queued === width + 1;
    const status = (await store.find(runId))?.status ?? 'gone';
    const decisions = system.seen.commits.length - decisionsBefore;
    const slowest = (await slowCommands(raw)).slice(0, 5);
    const ms = performance.now() - startedAt;
    return { ...cost, width, decisions, slowest, status, isAsComputed, ms };
  } finally {
    raw.disconnect();
  }
}

/** Scripts are loaded and connections greeted before anything is counted. */
async function warmUp(system: LocalSystem): Promise<void> {
  const [runId] = await system.start(dynamicFork(2), [0]);
  if (runId !== undefined) await takeThrough(system.client.engine, runId);
}

/** Decides, and runs all that is queued, until nothing is left; answers how many jobs there were. */
async function takeThrough(engine: Engine, runId: RunId): Promise<number> {
  let done = 0;
  for (;;) {
    await engine.sentMarks.flush();
    while ((await decideRun(engine, runId)).type === 'decided') await engine.sentMarks.flush();
    const jobs = await queuedJobs(engine);
    if (jobs.length === 0) return done;
    for (const job of jobs) await runJob(engine, runId, job);
    await engine.queue.remove(jobs);
    done += jobs.length;
  }
}

/** The jobs that wait for a worker. */
export async function queuedJobs(engine: Engine): Promise<readonly TaskJob[]> {
  const jobs: TaskJob[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof engine.queue.scan>> = await engine.queue.scan(
      STEP_TASK,
      cursor,
      20_000,
    );
    jobs.push(...page.jobs.flatMap(({ job }) => (job === null ? [] : [job])));
    ({ cursor } = page);
  } while (cursor !== null);
  return jobs;
}

/** What happened while results arrived. */
export interface Burst {
  readonly arrivalsPerSecond: number;
  readonly commitsMeanwhile: number;
  readonly refused: number;
  readonly status: string;
  /** From the first result to the run's end. */
  readonly ms: number;
}

/** Results sent at the same time; more would only wait in the connection. */
const AT_ONCE = 100;

/** `width` claimed tasks, each with a successor, end at once, while a coordinator decides what follows. */
export async function arrivalBurst(width: number): Promise<Burst> {
  await using redis = await startRedis();
  await using system = await openLocalSystem({
    url: redis.url,
    tasks: [stepTask()],
    queue: 'memory',
    workers: 0,
    coordinators: 1,
  });
  const workload = twoStepFork(width);
  const [runId] = await system.start(workload, [1]);
  if (runId === undefined) throw new Error('nothing was started');
  const { engine } = system.client;
  await eventually(async () => (await queuedJobs(engine)).length === width, { withinMs: 30_000 });
  const jobs = await queuedJobs(engine);
  const results: (() => Promise<unknown>)[] = [];
  for (const job of jobs) results.push(await claimed(engine, runId, job));
  await engine.queue.remove(jobs);
  const commitsBefore = system.seen.commits.length;
  const startedAt = performance.now();
  for (let from = 0; from < results.length; from += AT_ONCE) {
    await Promise.all(results.slice(from, from + AT_ONCE).map((send) => send()));
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const commitsMeanwhile = system.seen.commits.length - commitsBefore;
  await system.add('worker');
  await eventually(() => system.seen.ended.has(runId), { withinMs: 60_000 });
  const ms = performance.now() - startedAt;
  const status = (await engine.store.find(runId))?.status ?? 'gone';
  const { refused } = system.seen;
  return { arrivalsPerSecond: width / seconds, commitsMeanwhile, refused, status, ms };
}

/** Branches of two steps each: every result of a first one needs a decision, none is merely counted. */
function twoStepFork(width: number): Workload {
  const indexes = Array.from({ length: width }, (_, index) => index);
  const fork = {
    fork: 'fork',
    branches: indexes.map((index) => [`a_${index}`, `b_${index}`]),
    join: 'join',
    joinOn: indexes.map((index) => `b_${index}`),
  };
  return composeWorkload(`two_step_fork_${width}`, [fork]);
}

/** Claims the task of a job, and completes it. */
export async function runJob(engine: Engine, runId: RunId, job: TaskJob): Promise<void> {
  const send = await claimed(engine, runId, job);
  await send();
}

/** Claims the task of a job; answers how its result is sent. */
async function claimed(
  engine: Engine,
  runId: RunId,
  job: TaskJob,
): Promise<() => Promise<unknown>> {
  const claim = await claimTask(engine, { job, worker: 'w', leaseMs: 60_000 });
  if (claim.type !== 'claimed') throw new Error(`a claim answered ${claim.type}`);
  const { key, attempt } = claim.row;
  const output = { value: stepValue(stepInputSchema.parse(claim.input)) };
  const { token } = claim;
  const result = { status: 'COMPLETED', output, reason: '' } as const;
  return () => completeTask(engine, { runId, key, attempt, token, ...result });
}
