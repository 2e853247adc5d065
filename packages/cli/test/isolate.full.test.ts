import { taskKeyOf } from '@joinery/core';
import { type OpenEngine, openEngine, registerDefinition, startRun } from '@joinery/engine';
import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { order } from './fixtures/definitions.ts';
import { endAll, joinery } from './fixtures/joinery-process.ts';

let redis: RedisServer;
let open: OpenEngine;

beforeAll(async () => {
  redis = await startRedis();
  const config = parseConfig({ REDIS_URL: redis.url });
  open = await openEngine({ config, logger: createRecordingLogger(), processId: 'test' });
  await registerDefinition(open.engine, order);
});
afterAll(async () => {
  await endAll();
  await open.close();
  await redis[Symbol.asyncDispose]();
});

/** A run that is to be decided, and whose evaluation has ended so many processes: each has loaded it, none committed. */
async function runAfterDeaths(deaths: number): Promise<Awaited<ReturnType<typeof startRun>>> {
  const { engine, store } = open;
  const started = await startRun(engine, { name: 'order', input: { id: 1 } });
  const { runId } = started;
  const result = { status: 'COMPLETED', output: {}, reason: '', actor: 'test' } as const;
  await store.complete({ runId, key: taskKeyOf('charge_ref'), attempt: 1, token: '', ...result });
  for (let death = 0; death < deaths; death += 1) {
    await store.load({ runId, lock: null, isForced: false, actor: `dead-${death}` });
  }
  await engine.nudges.push([runId]);
  return started;
}

it.each([
  [1, 'the coordinator itself'],
  [2, 'a child of it'],
])(
  'a run whose evaluation has ended %i processes is evaluated by %s',
  { timeout: 90_000 },
  async (deaths, by) => {
    const { runId } = await runAfterDeaths(deaths);
    const coordinator = joinery(['coordinator'], { cwd: tmpdir(), env: { REDIS_URL: redis.url } });
    const actor = await eventually(
      async () => {
        const history = await open.store.history(runId, 1, 100);
        const next = history.find(
          ({ event }) => event.type === 'task.scheduled' && event.key === 'ship_ref',
        );
        expect(next).toBeDefined();
        return next?.actor ?? '';
      },
      { withinMs: 60_000 },
    );
    const isItself = actor.includes(`-${coordinator.child.pid}-`);
    expect([isItself ? 'the coordinator itself' : 'a child of it', actor]).toEqual([by, actor]);
    expect(coordinator.child.exitCode).toBeNull();
    await endAll();
  },
);
