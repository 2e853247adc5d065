import { describe, expect, it } from 'vitest';
import { claimNext, createTestEngine, startFork } from '../../test/fixtures/test-engine.ts';
import { handBackTask } from '../tasks/hand-back-task.ts';
import { resetCallbacks } from './reset-callbacks.ts';

describe('resetting callbacks', () => {
  it('lets a task be taken now whose worker wanted to be asked later, and touches no other', async () => {
    const test = createTestEngine();
    const { engine, store } = test;
    const { runId } = await startFork(engine);
    const { row, run, token } = await claimNext(test, 'a');
    const claim = { runId, key: row.key, attempt: 1, dispatch: row.dispatch, token };
    const { definition, traceId } = run;
    await handBackTask(engine, { ...claim, definition, traceId, delayMs: 3_600_000 });
    const job = test.queue.take('a');
    if (job === null) throw new Error('no job of a');
    await expect(claimNext({ engine, queue: test.queue }, 'a')).rejects.toThrow('no job');
    expect(await resetCallbacks(engine, runId)).toBe(1);
    expect((await claimNext(test, 'a')).row).toMatchObject({ attempt: 1, deliveries: 2 });
    expect(await resetCallbacks(engine, runId)).toBe(0);
    const others = (await store.rows(runId)).filter(({ key }) => key === 'b' || key === 'c');
    expect(others.map(({ dispatch }) => dispatch)).toEqual([1, 1]);
  });

  it('is refused for a run that has ended', async () => {
    const { engine, store } = createTestEngine();
    const { runId } = await startFork(engine);
    await store.fail({ runId, reason: 'x', actor: 'test' });
    await expect(resetCallbacks(engine, runId)).rejects.toMatchObject({ code: 'JN_RUN_ENDED' });
  });
});
