import { partitionOf, type RunId } from '@joinery/core';
import { type Agenda, createMemoryAgenda, createMemoryRunIndex } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import {
  claimNext,
  coordinate,
  createTestEngine,
  runOf,
  settle,
  startFork,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { type ClaimedTask } from '../tasks/claim-task.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { operateRun } from '../operations/operate-run.ts';
import { indexMoved } from '../search/index-runs.ts';
import { presentRows } from './dead-letter.ts';
import {
  type DeadLetterParts,
  discardDeadLetter,
  editDeadLetter,
  getDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  replayDeadLetters,
} from './operate-dead-letter.ts';
import { replayDue } from './replay-due.ts';

const hand = { actor: 'ann', reason: 'the bank is back' };

function bench() {
  const test = createTestEngine();
  const now = (): number => test.time.now();
  const deadLetters = createMemoryAgenda({ now });
  const index = createMemoryRunIndex(test.store.partitions);
  const parts: DeadLetterParts = { engine: test.engine, deadLetters };
  const collect = async (): Promise<void> => {
    for (let partition = 0; partition < test.store.partitions; partition += 1) {
      await indexMoved({ store: test.store, index, deadLetters }, partition, 100);
    }
  };
  return { ...test, parts, deadLetters, index, collect };
}

async function fail(test: TestEngine, { row, run, token }: ClaimedTask, reason = 'no money') {
  const { key, attempt } = row;
  const result = { status: 'FAILED_WITH_TERMINAL_ERROR', output: {}, reason } as const;
  await completeTask(test.engine, { runId: run.id, key, attempt, token, ...result });
  await coordinate(test.engine);
}

/** A run whose task `b` has failed for good. */
async function failedRun(test: ReturnType<typeof bench>, reason?: string): Promise<RunId> {
  const { runId } = await startFork(test.engine);
  await fail(test, await claimNext(test, 'b'), reason);
  expect((await runOf(test.engine, runId)).status).toBe('FAILED');
  await test.collect();
  return runId;
}

async function onlyLetter({ parts }: ReturnType<typeof bench>) {
  const [letter, ...more] = await listDeadLetters(parts);
  if (letter === undefined || more.length > 0) throw new Error(`${more.length} letters more`);
  return letter;
}

const attempts = async ({ store }: TestEngine, runId: RunId) =>
  presentRows(await store.rows(runId)).find(({ key }) => key === 'b')?.attempt;

describe('a dead letter', () => {
  it('is made of a task for which its run has failed, once, with what one must know of it', async () => {
    const test = bench();
    const runId = await failedRun(test);
    await test.collect();
    const letter = await onlyLetter(test);
    expect(letter).toMatchObject({
      runId,
      key: 'b',
      attempt: 1,
      cause: 'exhausted',
      reason: 'no money',
      status: 'open',
      traceId: (await runOf(test.engine, runId)).traceId,
    });
    expect((await getDeadLetter(test.parts, letter.id)).events).toMatchObject([{ type: 'died' }]);
  });

  it('says of a task that ended its workers that it is poisoned', async () => {
    const test = bench();
    await failedRun(test, 'WORKER_LOST: delivered 21 times without a result');
    expect((await onlyLetter(test)).cause).toBe('poisoned');
  });

  it('is not made of runs that have done well, or were told to end', async () => {
    const test = bench();
    await startFork(test.engine);
    await settle(test);
    await test.collect();
    expect(await listDeadLetters(test.parts, { status: 'all' })).toEqual([]);
  });

  it('is made although the process that noticed the end has died before it was', async () => {
    const test = bench();
    const { runId } = await startFork(test.engine);
    await fail(test, await claimNext(test, 'b'));
    const dying: Agenda = {
      ...test.deadLetters,
      commit: () => Promise.reject(new Error('SIGKILL')),
    };
    const ports = { store: test.store, index: test.index, deadLetters: dying };
    await expect(indexMoved(ports, partitionOf(runId), 100)).rejects.toThrow('SIGKILL');
    await test.collect();
    expect(await onlyLetter(test)).toMatchObject({ runId });
  });

  it('L1 is replayed in its run, once, also when its process dies and when it is asked for twice', async () => {
    const test = bench();
    const runId = await failedRun(test);
    const { id } = await onlyLetter(test);
    await replayDeadLetter(test.parts, id, hand);
    await replayDeadLetter(test.parts, id, hand);
    const dying: Agenda = {
      ...test.deadLetters,
      commit: () => Promise.reject(new Error('SIGKILL')),
    };
    await expect(replayDue({ engine: test.another(), deadLetters: dying })).rejects.toThrow(
      '1 dead letters',
    );
    expect((await getDeadLetter(test.parts, id)).letter.status).toBe('replaying');
    await test.time.advance(5_000);
    await replayDue(test.parts);
    await settle(test);
    expect(await runOf(test.engine, runId)).toMatchObject({ status: 'COMPLETED', id: runId });
    expect(await attempts(test, runId)).toBe(2);
    const { letter, events } = await getDeadLetter(test.parts, id);
    expect(letter.status).toBe('replayed');
    expect(events.map(({ type, actor }) => [type, actor])).toMatchObject([
      ['replayed', expect.stringContaining('replay')],
      ['replay-asked', 'ann'],
      ['died', expect.any(String)],
    ]);
    await expect(replayDeadLetter(test.parts, id, hand)).rejects.toMatchObject({
      code: 'JN_LETTER_CLOSED',
    });
  });

  it('L1 leaves a task alone that somebody else has begun anew', async () => {
    const test = bench();
    const runId = await failedRun(test);
    const { id } = await onlyLetter(test);
    await replayDeadLetter(test.parts, id, hand);
    await replayDue(test.parts);
    // It fails again: another attempt, another letter.
    await coordinate(test.engine);
    await fail(test, await claimNext(test, 'b'));
    await test.collect();
    expect(await onlyLetter(test)).toMatchObject({ attempt: 2 });
    // By another hand, so that the run does not know the first replay any more.
    await operateRun(test.engine, { runId, operation: { type: 'retry', reason: 'by hand' } });
    await coordinate(test.engine);
    await fail(test, await claimNext(test, 'b'));
    expect(await attempts(test, runId)).toBe(3);
    const found = await test.deadLetters.find(id);
    const body = { ...JSON.parse(JSON.stringify(found?.body)), status: 'replaying' };
    await test.deadLetters.commit({
      id,
      from: found?.revision ?? null,
      revision: 'again',
      body,
      dueAt: test.time.now(),
    });
    await replayDue(test.parts);
    expect((await getDeadLetter(test.parts, id)).events[0]?.reason).toContain('attempt 3');
    expect(await attempts(test, runId)).toBe(3);
    expect((await runOf(test.engine, runId)).status).toBe('FAILED');
  });

  it('gives the task another input when somebody has edited it', async () => {
    const test = bench();
    const runId = await failedRun(test);
    const { id } = await onlyLetter(test);
    await editDeadLetter(test.parts, id, { ...hand, input: { amount: 5 } });
    await replayDeadLetter(test.parts, id, hand);
    await replayDue(test.parts);
    await coordinate(test.engine);
    expect(await test.store.payload(runId, 'i:b')).toEqual({ amount: 5 });
  });

  it('L2 is open again when its run cannot be opened, and says why', async () => {
    const test = bench();
    const runId = await failedRun(test);
    const { id } = await onlyLetter(test);
    await replayDeadLetter(test.parts, id, hand);
    await test.time.advance(8 * 86_400_000);
    for (let step = 0; step < 5; step += 1) await test.store.purge(partitionOf(runId), 10);
    await replayDue(test.parts);
    const { letter, events } = await getDeadLetter(test.parts, id);
    expect([letter.status, events[0]?.type]).toEqual(['open', 'replay-refused']);
    expect(events[0]?.reason).toContain('JN_RUN_NOT_FOUND');
  });

  it('is discarded for a reason only, and goes when its run is gone', async () => {
    const test = bench();
    await failedRun(test);
    const { id } = await onlyLetter(test);
    await expect(discardDeadLetter(test.parts, id, { ...hand, reason: ' ' })).rejects.toMatchObject(
      { code: 'JN_REQUEST_INVALID' },
    );
    await discardDeadLetter(test.parts, id, hand);
    expect(await listDeadLetters(test.parts)).toEqual([]);
    expect((await getDeadLetter(test.parts, id)).events[0]).toMatchObject({
      type: 'discarded',
      ...hand,
    });
    await test.time.advance(86_400_000);
    await replayDue(test.parts);
    expect((await getDeadLetter(test.parts, id)).letter.status).toBe('discarded');
  });

  it('is replayed with many others at the rate that was asked for', async () => {
    const test = bench();
    for (let count = 0; count < 6; count += 1) await failedRun(test);
    const ids = (await listDeadLetters(test.parts)).map(({ id }) => id);
    const request = { ...hand, ids: [...ids, 'unknown'], perSecond: 2 };
    expect(await replayDeadLetters(test.parts, request)).toBe(6);
    const replayed: number[] = [];
    for (let second = 0; second < 3; second += 1) {
      while ((await replayDue(test.parts)) > 0);
      replayed.push((await listDeadLetters(test.parts, { status: 'replayed' })).length);
      await test.time.advance(1_000);
    }
    expect(replayed).toEqual([1, 3, 5]);
    expect(await replayDeadLetters(test.parts, request)).toBe(0);
  });
});
