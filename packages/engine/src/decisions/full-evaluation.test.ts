import { partitionOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  createTestEngine,
  runOf,
  settle,
  startFork,
  work,
} from '../../test/fixtures/test-engine.ts';
import { decideRun } from './decide-run.ts';
import { lookAtRuns } from '../looks/look-at-runs.ts';

describe('a full evaluation', () => {
  it('takes results that arrive while it reads for what they are, not for something to be mended', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await test.time.advance(60_001);
    await lookAtRuns(test.engine, partitionOf(runId));
    const done: string[] = [];
    const engine = test.another({
      store: {
        ...test.store,
        readWhole: async (id) => {
          // Two results that are merely counted, and the one that makes the join fire.
          done.push(...(await work(test.engine, test.queue)));
          return test.store.readWhole(id);
        },
      },
    });
    expect((await decideRun(engine, runId)).type).toBe('decided');
    expect(done).toHaveLength(3);
    await settle({ engine, queue: test.queue });
    expect((await runOf(engine, runId)).status).toBe('COMPLETED');
    const history = await test.store.history(runId, 1, 1_000);
    expect(history.filter(({ event }) => event.type === 'repair.found')).toEqual([]);
  });

  it('is made later when something came in between', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await test.time.advance(60_001);
    await lookAtRuns(test.engine, partitionOf(runId));
    const engine = test.another({
      store: {
        ...test.store,
        readWhole: async (id) => {
          await test.store.record(id, { type: 'run.paused', reason: '' }, 'test');
          return test.store.readWhole(id);
        },
      },
    });
    const load = { runId, lock: null, isForced: true, actor: 'test' };
    await decideRun(engine, runId);
    expect(await test.store.load(load)).toMatchObject({ isFullDue: true });
    await decideRun(test.engine, runId);
    expect(await test.store.load(load)).toMatchObject({ isFullDue: false });
  });

  it('is made once in a run that then only waits, and again when something has happened', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const evaluateAfterAMinute = async (): Promise<string> => {
      await test.time.advance(60_001);
      await test.store.look(partitionOf(runId), [runId]);
      return (await decideRun(test.engine, runId)).type;
    };
    expect(await evaluateAfterAMinute()).toBe('decided');
    expect(await evaluateAfterAMinute()).toBe('clean');
    await test.store.record(runId, { type: 'run.resumed', reason: '' }, 'test');
    expect(await evaluateAfterAMinute()).toBe('decided');
    expect(await evaluateAfterAMinute()).toBe('clean');
  });
});
