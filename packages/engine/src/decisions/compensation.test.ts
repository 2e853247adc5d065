import { type JsonObject, type RunId } from '@joinery/core';
import { expect, it } from 'vitest';
import {
  claimNext,
  createTestEngine,
  coordinate,
  runOf,
  settle,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { completeTask, type Completion } from '../tasks/complete-task.ts';
import { lookAtRuns } from '../looks/look-at-runs.ts';
import { registerDefinition } from '../definitions/register-definition.ts';
import { relayUnsent } from '../letters/relay-unsent.ts';
import { startRun } from '../starts/start-run.ts';

const simple = (ref: string, more: JsonObject = {}): JsonObject => ({
  name: ref,
  taskReferenceName: ref,
  type: 'SIMPLE',
  retryCount: 0,
  ...more,
});

const undone = (ref: string): JsonObject => simple(ref, { compensate: simple(`undo_${ref}`) });

/** A booking whose last task has failed: its first compensation waits. */
async function failBooking(test: TestEngine): Promise<RunId> {
  const tasks = [undone('flight'), undone('hotel'), simple('pay')];
  await registerDefinition(test.engine, { name: 'booking', tasks });
  const { runId } = await startRun(test.engine, { name: 'booking' });
  for (const type of ['flight', 'hotel']) await finish(test, runId, type);
  await finish(test, runId, 'pay', 'FAILED');
  await coordinate(test.engine);
  return runId;
}

async function finish(
  test: TestEngine,
  runId: RunId,
  type: string,
  status: 'COMPLETED' | 'FAILED' = 'COMPLETED',
): Promise<Completion> {
  const claimed = await claimNext(test, type);
  const { key, attempt } = claimed.row;
  const result = { status, output: {}, reason: 'no money' } as const;
  const task = { runId, key, attempt, token: claimed.token };
  return completeTask(test.engine, { ...task, ...result }, { claimed, goOn: null });
}

it('a saga is taken back in reverse by whoever completes its compensations', async () => {
  const test = createTestEngine();
  const runId = await failBooking(test);
  expect(await runOf(test.engine, runId)).toMatchObject({
    status: 'RUNNING',
    compensating: { status: 'FAILED', total: 2, next: 0 },
  });
  // What follows is known from the record that a claim shows: it rides with the result.
  expect(await finish(test, runId, 'undo_hotel')).toMatchObject({ type: 'decided' });
  expect(await finish(test, runId, 'undo_flight')).toMatchObject({ type: 'decided' });
  expect(await runOf(test.engine, runId)).toMatchObject({ status: 'FAILED', compensating: null });
});

it.each(['before-commit', 'after-commit', 'before-relay', 'after-complete'])(
  'a saga is taken back though processes die %s',
  async (place) => {
    const test = createTestEngine();
    const runId = await failBooking(test);
    const dying = test.another({
      crashPoint: (at) => {
        if (at === place) throw new Error(`killed ${place}`);
      },
    });
    await settle({ ...test, engine: dying }).catch((error: unknown) => {
      if (!String(error).includes('killed')) throw error;
    });
    const engine = test.another();
    for (let passed = 0; passed < 8; passed += 1) {
      await test.time.advance(1_000);
      for (let partition = 0; partition < 4; partition += 1) {
        await relayUnsent(engine, partition);
        await lookAtRuns(engine, partition);
      }
      await settle({ ...test, engine });
    }
    expect(await runOf(engine, runId)).toMatchObject({ status: 'FAILED' });
    const rows = await test.store.rows(runId);
    expect(rows.filter(({ status }) => status === 'COMPLETED')).toHaveLength(4);
  },
);
