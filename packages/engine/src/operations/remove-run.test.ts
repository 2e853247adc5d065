import { runIdOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { createTestEngine, startFork } from '../../test/fixtures/test-engine.ts';
import { operateRun } from './operate-run.ts';
import { removeRun } from './remove-run.ts';

describe('removing a run', () => {
  it('takes one that has ended away, once, and none that goes on', async () => {
    const { engine, store } = createTestEngine();
    const { runId } = await startFork(engine);
    await expect(removeRun(engine, runId)).rejects.toMatchObject({ code: 'JN_RUN_NOT_ENDED' });
    expect((await store.find(runId))?.status).toBe('RUNNING');
    await operateRun(engine, { runId, operation: { type: 'terminate', reason: 'enough' } });
    // It is closing only: removing it sees it to its end.
    await removeRun(engine, runId);
    expect(await store.find(runId)).toBeNull();
    await expect(removeRun(engine, runId)).rejects.toMatchObject({ code: 'JN_RUN_NOT_FOUND' });
  });

  it('waits for letters that are on their way, but not for ever', async () => {
    const { engine, store } = createTestEngine();
    const { runId } = await startFork(engine);
    await operateRun(engine, { runId, operation: { type: 'terminate', reason: 'enough' } });
    let count = 0;
    const kept = { ...engine, store: { ...store, remove: async () => 'kept' as const } };
    const pause = async (): Promise<void> => {
      count += 1;
    };
    await expect(removeRun(kept, runId, pause)).rejects.toMatchObject({ code: 'JN_RUN_NEEDED' });
    expect(count).toBe(200);
  });

  it('says so when there is no such run', async () => {
    const { engine } = createTestEngine();
    const removing = removeRun(engine, runIdOf(0, 'nobody00'));
    await expect(removing).rejects.toMatchObject({ code: 'JN_RUN_NOT_FOUND' });
  });
});
