import { type JsonObject, type RunId } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import {
  coordinate,
  createTestEngine,
  runOf,
  settle,
  type TestEngine,
} from '../../test/fixtures/test-engine.ts';
import { advanceGates } from './advance-gates.ts';
import { beatClaims } from '../tasks/beat-claims.ts';
import { claimTask, type ClaimedTask, type ClaimOutcome } from '../tasks/claim-task.ts';
import { completeTask } from '../tasks/complete-task.ts';
import { leaveGate } from './leave-gate.ts';
import { lookAtRuns } from '../looks/look-at-runs.ts';
import { operateRun } from '../operations/operate-run.ts';
import { registerDefinition, registerTaskDefinition } from '../definitions/register-definition.ts';
import { startRun } from '../starts/start-run.ts';

const one: JsonObject = {
  name: 'one',
  tasks: [{ name: 'a', taskReferenceName: 'a', type: 'SIMPLE' }],
};

async function startLimited(
  count: number,
  taskDef: JsonObject = { concurrentExecLimit: 1 },
  test = createTestEngine(),
): Promise<TestEngine & { readonly runIds: readonly RunId[] }> {
  await registerTaskDefinition(test.engine, { name: 'a', retryCount: 0, ...taskDef });
  await registerDefinition(test.engine, one);
  const runIds: RunId[] = [];
  for (let i = 0; i < count; i += 1) {
    runIds.push((await startRun(test.engine, { name: 'one', input: { i } })).runId);
  }
  return { ...test, runIds };
}

/** Takes the next job as a worker does: whatever the claim answers, the job is over. */
async function take(test: TestEngine): Promise<ClaimOutcome | null> {
  const job = test.queue.take('a');
  if (job === null) return null;
  // No two arrive in the same moment: these would be served in any order.
  await test.time.advance(1);
  const outcome = await claimTask(test.engine, { job, worker: 'w', leaseMs: 3_000 });
  test.queue.finish(job);
  return outcome;
}

async function takeAll(test: TestEngine): Promise<readonly ClaimedTask[]> {
  const claimed: ClaimedTask[] = [];
  for (let next = await take(test); next !== null; next = await take(test)) {
    if (next.type === 'claimed') claimed.push(next);
  }
  return claimed;
}

async function finish({ engine }: TestEngine, claimed: ClaimedTask): Promise<void> {
  const { run, row, token } = claimed;
  const { key, attempt } = row;
  const result = { status: 'COMPLETED', output: {}, reason: '' } as const;
  await completeTask(engine, { runId: run.id, key, attempt, token, ...result });
  await leaveGate(engine, run.id, row, token);
}

async function sweep(test: TestEngine, seconds: number): Promise<number> {
  let repairs = 0;
  for (let passed = 0; passed < seconds; passed += 1) {
    await test.time.advance(1_000);
    for (let partition = 0; partition < 4; partition += 1) {
      repairs += (await lookAtRuns(test.engine, partition)).repairs.length;
    }
    await advanceGates(test.engine);
  }
  return repairs;
}

describe('a limited task', () => {
  it('runs as often at a time as its definition allows; whoever ends calls the next one', async () => {
    const test = await startLimited(5, { concurrentExecLimit: 2 });
    const ended: RunId[] = [];
    for (let [next, ...rest] = await takeAll(test); next !== undefined;) {
      expect(rest.length).toBeLessThanOrEqual(1);
      await finish(test, next);
      ended.push(next.run.id);
      [next, ...rest] = [...rest, ...(await takeAll(test))];
    }
    await settle(test);
    expect(ended).toEqual(test.runIds);
    for (const runId of test.runIds) {
      expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
    }
  });

  it('that waits costs no worker, no delivery and no repair, however long it waits', async () => {
    const test = await startLimited(200);
    const [first] = await takeAll(test);
    if (first === undefined) throw new Error('nothing was claimed');
    expect(await test.queue.waiting('a')).toMatchObject({ waiting: 0, prioritized: 0 });
    let repairs = 0;
    for (let seconds = 0; seconds < 90; seconds += 1) {
      const { runId, key, attempt } = { runId: first.run.id, ...first.row };
      const beat = { runId, key, attempt, token: first.token, leaseMs: 3_000, isProgress: false };
      expect(await beatClaims(test.engine, [{ ...beat, gate: 'a' }])).toEqual([true]);
      repairs += await sweep(test, 1);
    }
    expect(repairs).toBe(0);
    expect(await take(test)).toBeNull();
    await finish(test, first);
    const [second] = await takeAll(test);
    expect(second?.row.deliveries).toBe(1);
    expect(second?.run.id).toBe(test.runIds[1]);
  });

  it('gets the place of a holder that died within its lease, and that one its own place again', async () => {
    const test = await startLimited(3);
    const [dead] = await takeAll(test);
    await sweep(test, 6);
    const [second] = await takeAll(test);
    expect(second?.run.id).toBe(test.runIds[1]);
    if (second === undefined || dead === undefined) throw new Error('nobody was called');
    // The late end of the dead one frees no place that it does not have.
    await leaveGate(test.engine, dead.run.id, dead.row, dead.token);
    expect(await takeAll(test)).toEqual([]);
    await finish(test, second);
    expect((await takeAll(test)).map(({ run }) => run.id)).toEqual([test.runIds[2]]);
  });

  it('that was called in vain is called again', async () => {
    const test = await startLimited(2);
    const [first] = await takeAll(test);
    if (first === undefined) throw new Error('nothing was claimed');
    await finish(test, first);
    test.queue.forget();
    expect(await takeAll(test)).toEqual([]);
    await sweep(test, 12);
    expect((await takeAll(test)).map(({ run }) => run.id)).toEqual([test.runIds[1]]);
  });

  it('is found when its gate was lost', async () => {
    const test = await startLimited(2);
    expect(await takeAll(test)).toHaveLength(1);
    // Redis has lost the gate, and nothing else: what knows of no line is what finds that nobody waits in it.
    const engine = test.another();
    for (let passed = 0; passed < 40; passed += 1) {
      await test.time.advance(1_000);
      for (let partition = 0; partition < 4; partition += 1) await lookAtRuns(engine, partition);
    }
    expect(await takeAll({ ...test, engine })).toHaveLength(1);
  });

  it('whose run has ended makes way for the next one', async () => {
    const test = await startLimited(3);
    const [first] = await takeAll(test);
    const [, second] = test.runIds;
    if (first === undefined || second === undefined) throw new Error('nothing was claimed');
    await operateRun(test.engine, { runId: second, operation: { type: 'terminate', reason: '' } });
    await coordinate(test.engine);
    await finish(test, first);
    expect((await takeAll(test)).map(({ run }) => run.id)).toEqual([test.runIds[2]]);
  });

  it('begins only so often in a window', async () => {
    const test = await startLimited(3, {
      rateLimitPerFrequency: 1,
      rateLimitFrequencyInSeconds: 4,
    });
    const [first, ...others] = await takeAll(test);
    if (first === undefined) throw new Error('nothing was claimed');
    expect(others).toEqual([]);
    await finish(test, first);
    await sweep(test, 3);
    expect(await takeAll(test)).toEqual([]);
    await sweep(test, 2);
    expect((await takeAll(test)).map(({ run }) => run.id)).toContain(test.runIds[1]);
  });

  it('is not what a worker goes on with by itself', async () => {
    const test = createTestEngine();
    await registerTaskDefinition(test.engine, { name: 'b', concurrentExecLimit: 1 });
    const tasks = ['a', 'b'].map((name) => ({ name, taskReferenceName: name, type: 'SIMPLE' }));
    await registerDefinition(test.engine, { name: 'two', tasks });
    const { runId } = await startRun(test.engine, { name: 'two' });
    const claimed = await take(test);
    if (claimed?.type !== 'claimed') throw new Error('nothing was claimed');
    const goOn = { takes: () => true, worker: 'w', leaseMs: 3_000, token: 'next' };
    const { key, attempt } = claimed.row;
    const result = { status: 'COMPLETED', output: {}, reason: '' } as const;
    const task = { runId, key, attempt, token: claimed.token };
    const reply = await completeTask(test.engine, { ...task, ...result }, { claimed, goOn });
    expect(reply).toMatchObject({ type: 'decided' });
    expect(reply.next).toBeUndefined();
    expect(await test.queue.waiting('b')).toMatchObject({ prioritized: 1 });
  });
});
