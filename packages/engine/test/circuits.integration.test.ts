import { type RunId, type TaskCircuit, taskIdOf } from '@joinery/core';
import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  beatClaims,
  claimTask,
  type ClaimedTask,
  completeTask,
  getCircuit,
  leaveGate,
  openEngine,
  type OpenEngine,
  registerDefinition,
  registerTaskDefinition,
  resetCircuit,
  startRun,
} from '../src/index.ts';

const ENGINES = 3;
let redis: RedisServer;
let engines: readonly OpenEngine[];

beforeAll(async () => {
  redis = await startRedis();
  const config = parseConfig({ REDIS_URL: redis.url });
  const logger = createRecordingLogger();
  engines = await Promise.all(
    Array.from({ length: ENGINES }, (_none, index) =>
      openEngine({ config, logger, processId: `engine-${index}` }),
    ),
  );
});
afterAll(async () => {
  await Promise.all(engines.map((open) => open.close()));
  await redis[Symbol.asyncDispose]();
});

const circuitFor = (target: string, more: Partial<TaskCircuit> = {}): TaskCircuit => ({
  target,
  failurePercent: 50,
  minCalls: 6,
  windowMs: 60_000,
  openMs: 1,
  probes: 2,
  whenOpen: 'WAIT',
  ...more,
});

/** One that is open, by failures of which every engine has reported a part. */
async function tripped(circuit: TaskCircuit): Promise<void> {
  const failures = Array.from({ length: circuit.minCalls }, (_none, index) => `call-${index}`);
  await Promise.all(
    failures.map((token, index) =>
      engines[index % ENGINES]?.engine.breakers.note(circuit, { token, hasSucceeded: false }),
    ),
  );
}

/** What each is told as soon as every engine knows that the breaker is not closed. */
async function askAll(circuit: TaskCircuit, count: number): Promise<readonly string[]> {
  return eventually(async () => {
    const told = await askOnce(circuit, count);
    expect(told).not.toContain('pass');
    return told;
  });
}

async function askOnce(circuit: TaskCircuit, count: number): Promise<readonly string[]> {
  const answers = await Promise.all(
    Array.from({ length: count }, (_none, index) =>
      engines[index % ENGINES]?.engine.breakers.ask(circuit, `ask-${index}`, 10_000),
    ),
  );
  return answers.map((answer) => answer?.type ?? '');
}

it('three engines share one trip, and let no more probes through than there are', async () => {
  const [first] = engines;
  if (first === undefined) throw new Error('no engine');
  const shared = circuitFor('shared', { openMs: 60_000 });
  await tripped(shared);
  expect(await getCircuit(first, 'shared')).toMatchObject({ phase: 'open', trips: 1 });
  expect(await askAll(shared, 12)).toEqual(Array.from({ length: 12 }, () => 'wait'));
  const brief = circuitFor('brief');
  await tripped(brief);
  // It is open for a millisecond of Redis' clock.
  await eventually(async () => (await getCircuit(first, 'brief')).phase === 'half-open');
  await eventually(async () => {
    const told = await askAll(brief, 30);
    expect(told.toSorted()).toEqual([
      'probe',
      'probe',
      ...Array.from({ length: 28 }, () => 'wait'),
    ]);
  });
  await resetCircuit(first, 'brief', { actor: 'ann', reason: 'it is well' });
  expect((await getCircuit(first, 'brief')).events.map(({ type }) => type)).toEqual([
    'reset',
    'opened',
  ]);
});

it('a task carries its breaker through rows, letters and jobs, and its result is told to it', async () => {
  const [open, other] = engines;
  if (open === undefined || other === undefined) throw new Error('no engines');
  const { engine } = open;
  const circuitBreaker = { target: 'bank', minCalls: 2, probes: 1, openSeconds: 600 };
  await registerTaskDefinition(engine, { name: 'pay', retryCount: 0, circuitBreaker });
  const task = { name: 'pay', taskReferenceName: 'pay', type: 'SIMPLE' };
  await registerDefinition(engine, { name: 'order', tasks: [task] });
  for (const target of [open, other]) {
    const claimed = await claimOf(target, (await startRun(engine, { name: 'order' })).runId);
    const { run, row, token } = claimed;
    const about = { runId: run.id, key: row.key, attempt: 1, token };
    expect(
      await beatClaims(target.engine, [{ ...about, leaseMs: 9_000, isProgress: true }]),
    ).toEqual([true]);
    const failed = { status: 'FAILED', output: {}, reason: 'no answer' } as const;
    await completeTask(target.engine, { ...about, ...failed }, { claimed, goOn: null });
    await leaveGate(target.engine, run.id, row, token);
  }
  expect(await getCircuit(open, 'bank')).toMatchObject({
    phase: 'open',
    settings: { minCalls: 2, openMs: 600_000, windowMs: 60_000, failurePercent: 50 },
  });
});

async function claimOf({ engine, store }: OpenEngine, runId: RunId): Promise<ClaimedTask> {
  const [row] = await store.rows(runId);
  if (row?.limits === undefined) throw new Error('the row carries no breaker');
  const { key, attempt, dispatch, limits } = row;
  const about = { taskId: taskIdOf(runId, key), taskType: 'pay', ref: 'pay', priority: 0 };
  const job = { runId, key, attempt, dispatch, definition: 'order', limits, ...about };
  const claimed = await claimTask(engine, { job, worker: 'w', leaseMs: 10_000 });
  if (claimed.type !== 'claimed') throw new Error(claimed.type);
  return claimed;
}
