import { joineryError, type RunId } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  createTestEngine,
  settle,
  startFork,
  runOf,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { beatClaims } from './beat-claims.ts';
import { claimTask } from './claim-task.ts';
import { completeTask } from './complete-task.ts';
import { handBackTask } from './hand-back-task.ts';

async function claimed(test: TestEngine) {
  const { runId } = await startFork(test.engine);
  const job = test.queue.take('a');
  if (job === null) throw new Error('no job');
  const claim = await claimTask(test.engine, { job, worker: 'w1', leaseMs: 3_000 });
  if (claim.type !== 'claimed') throw new Error(claim.type);
  const { token, row } = claim;
  return { runId, job, token, key: row.key, attempt: 1 };
}

const done = { status: 'COMPLETED', output: {}, reason: '' } as const;

const corrupt = (): Promise<never> =>
  Promise.reject(joineryError('JN_STORE_CORRUPT', { key: 'k', problem: 'no JSON' }));
const reset = (): Promise<never> => Promise.reject(new Error('ECONNRESET'));

const poppedBy = ({ nudges }: TestEngine): Promise<readonly RunId[]> =>
  nudges.pop(0, 10, new AbortController().signal);

describe('an attempt in a worker', () => {
  it('is claimed by one worker at a time', async () => {
    const test = createTestEngine();
    const { job } = await claimed(test);
    const second = await claimTask(test.engine, { job, worker: 'w2', leaseMs: 3_000 });
    expect(second).toEqual({ type: 'held', worker: 'w1' });
  });

  it('that can never be read ends its run, instead of being claimed for ever', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const job = test.queue.take('a');
    if (job === null) throw new Error('no job');
    const broken = test.another({ store: { ...test.store, claim: corrupt } });
    expect(await claimTask(broken, { job, worker: 'w1', leaseMs: 3_000 })).toEqual({
      type: 'gone',
    });
    const { status, reason } = await runOf(test.engine, runId);
    expect([status, reason]).toEqual(['FAILED', expect.stringMatching(/^claim: JN_STORE_CORRUPT/)]);
  });

  it('whose store is away is not answered, and its run goes on', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const job = test.queue.take('a');
    if (job === null) throw new Error('no job');
    const away = test.another({ store: { ...test.store, claim: reset } });
    await expect(claimTask(away, { job, worker: 'w1', leaseMs: 3_000 })).rejects.toThrow('ECONN');
    expect((await runOf(test.engine, runId)).status).toBe('RUNNING');
  });

  it('is stored once, wakes nobody while its join waits for others, and refuses what is late', async () => {
    const test = createTestEngine();
    const { runId, key, attempt, token } = await claimed(test);
    const result = { runId, key, attempt, token, ...done };
    expect(await completeTask(test.engine, result)).toEqual({ type: 'stored', isDirty: false });
    expect((await completeTask(test.engine, result)).type).toBe('repeated');
    expect((await completeTask(test.engine, { ...result, token: 'other' })).type).toBe('stale');
    expect(await poppedBy(test)).toEqual([]);
  });

  it('wakes a coordinator when its failure must be decided upon', async () => {
    const test = createTestEngine();
    const { runId, key, attempt, token } = await claimed(test);
    const failed = { ...done, status: 'FAILED', reason: 'no paper' } as const;
    await completeTask(test.engine, { runId, key, attempt, token, ...failed });
    expect(await poppedBy(test)).toEqual([runId]);
  });

  it('is another worker’s at once when it is handed back', async () => {
    const test = createTestEngine();
    const { runId, key, attempt, token, job } = await claimed(test);
    test.queue.finish(job);
    const back = { runId, key, attempt, dispatch: 1, token, definition: 'fork', traceId: '' };
    expect((await handBackTask(test.engine, back)).type).toBe('redelivered');
    expect((await handBackTask(test.engine, back)).type).toBe('unchanged');
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });

  it('is lost by a beat with another token, among any number of beats', async () => {
    const test = createTestEngine();
    const { runId, key, attempt, token } = await claimed(test);
    const mine = { runId, key, attempt, token, leaseMs: 3_000, isProgress: false };
    const lost = Array.from({ length: 600 }, () => ({ ...mine, token: 'x' }));
    const answers = await beatClaims(test.engine, [mine, ...lost, mine]);
    expect([answers.length, answers[0], answers[1], answers.at(-1)]).toEqual([
      602,
      true,
      false,
      true,
    ]);
  });
});
