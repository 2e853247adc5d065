import { type Operation, runIdOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  coordinate,
  createTestEngine,
  runOf,
  settle,
  startFork,
  work,
} from '../../test/fixtures/test-engine.ts';
import { decideRun } from '../decisions/decide-run.ts';
import { operateRun } from './operate-run.ts';

const pause: Operation = { type: 'pause', reason: 'lunch' };
const resume: Operation = { type: 'resume', reason: 'back' };
const terminate: Operation = { type: 'terminate', reason: 'enough' };

describe('operating a run', () => {
  it('holds back what follows while it is paused, and goes on when it is resumed', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    expect(await operateRun(test.engine, { runId, operation: pause })).toEqual({
      status: 'PAUSED',
    });
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('PAUSED');
    expect(await test.store.rows(runId)).not.toContainEqual(
      expect.objectContaining({ key: 'after' }),
    );
    await operateRun(test.engine, { runId, operation: resume });
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });

  it('leaves what has arrived to the next decision', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await work(test.engine, test.queue);
    await operateRun(test.engine, { runId, operation: pause });
    const run = await runOf(test.engine, runId);
    expect(run.dirty).toBeGreaterThan(run.seen);
    await operateRun(test.engine, { runId, operation: resume });
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });

  it('terminates a run and its open tasks, whoever holds the lock', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const lock = { token: 'another', leaseMs: 60_000, overtakeAfterMs: 1_000 };
    await test.store.load({ runId, lock, isForced: true, actor: 'another' });
    await operateRun(test.engine, { runId, operation: terminate });
    await test.time.advance(1_001);
    await decideRun(test.engine, runId);
    await test.time.advance(1_001);
    await decideRun(test.engine, runId);
    expect(await runOf(test.engine, runId)).toMatchObject({
      status: 'TERMINATED',
      reason: 'enough',
    });
    const statuses = (await test.store.rows(runId)).map((row) => row.status);
    expect(statuses).not.toContain('SCHEDULED');
    expect(await work(test.engine, test.queue)).toEqual([]);
  });

  it('does a repeated request once, and answers it like the first', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const request = { runId, operation: pause, requestId: 'r1' };
    await operateRun(test.engine, request);
    await operateRun(test.engine, { runId, operation: resume, requestId: 'r2' });
    expect(await operateRun(test.engine, request)).toEqual({ status: 'RUNNING' });
    expect(await operateRun(test.engine, { runId, operation: resume, requestId: 'r2' })).toEqual({
      status: 'RUNNING',
    });
  });

  it('is decided anew when another decision came first', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await work(test.engine, test.queue);
    let loads = 0;
    const store = {
      ...test.store,
      commit: async (args: Parameters<typeof test.store.commit>[0]) => {
        loads += 1;
        if (loads === 1) await coordinate(test.engine);
        return test.store.commit(args);
      },
    };
    const engine = test.another({ store });
    expect(await operateRun(engine, { runId, operation: pause })).toEqual({ status: 'PAUSED' });
    expect(loads).toBe(2);
  });

  it('refuses what is not legal, however often, without harm to the run', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    for (let time = 0; time < 10; time += 1) {
      const refused = operateRun(test.engine, { runId, operation: resume });
      await expect(refused).rejects.toMatchObject({ code: 'JN_RUN_NOT_PAUSED' });
    }
    await work(test.engine, test.queue);
    await coordinate(test.another());
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
    const late = operateRun(test.engine, { runId, operation: pause });
    await expect(late).rejects.toMatchObject({ code: 'JN_RUN_ENDED' });
  });

  it('does not know a run that does not exist', async () => {
    const { engine } = createTestEngine();
    const runId = runIdOf(0, 'unknownrun');
    const refused = operateRun(engine, { runId, operation: pause });
    await expect(refused).rejects.toMatchObject({ code: 'JN_RUN_NOT_FOUND' });
  });
});
