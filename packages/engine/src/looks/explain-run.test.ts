import { runIdOf } from '@joinery/core';
import { createMemoryFleet, type Fleet, type Member } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import {
  createTestEngine,
  settle,
  startFork,
  type TestEngine,
  work,
} from '../../test/fixtures/test-engine.ts';
import { claimTask } from '../tasks/claim-task.ts';
import { explainRun } from './explain-run.ts';
import { operateRun } from '../operations/operate-run.ts';

const worker: Member = {
  id: 'w1',
  roles: ['worker'],
  host: 'here',
  pid: 1,
  startedAt: 0,
  phase: 'ready',
  taskTypes: ['a', 'b', 'after'],
  inflight: 0,
};

async function fleetOf(test: TestEngine, members: readonly Member[]): Promise<Fleet> {
  const fleet = createMemoryFleet({ now: () => test.time.now() });
  for (const member of members) await fleet.beat(member);
  return fleet;
}

describe('explaining a run', () => {
  it('names the task type that nobody runs, the lost job, the claim and the open branches', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const fleet = await fleetOf(test, [worker]);
    const [a, b] = [test.queue.take('a'), test.queue.take('b')];
    if (a === null || b === null) throw new Error('no jobs');
    await claimTask(test.engine, { job: a, worker: 'w1', leaseMs: 3_000 });
    test.queue.finish(b);
    const explained = await explainRun(test.engine, fleet, runId);
    expect(explained?.causes).toEqual(
      expect.arrayContaining([
        'task a: attempt 1 is claimed by w1 (delivery 1)',
        'task b: its job is missing; the sweeper sends it again',
        'task c: no live worker runs c',
      ]),
    );
    expect(explained?.nextLookAt).toBeGreaterThan(0);
  });

  it('names what a dirty run waits for, and who holds its lock', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await work(test.engine, test.queue);
    const fleet = await fleetOf(test, []);
    expect((await explainRun(test.engine, fleet, runId))?.causes[0]).toMatch(
      /as soon as a coordinator/,
    );
    const lock = { token: 'holder', leaseMs: 60_000, overtakeAfterMs: 1_000 };
    await test.store.load({ runId, lock, isForced: false, actor: 'x' });
    const explained = await explainRun(test.engine, fleet, runId);
    expect(explained?.causes[0]).toMatch(/by the holder of its lock/);
    expect(explained?.lock).toEqual({ token: 'holder', leftMs: 60_000 });
  });

  it('says that a run is paused, that it has ended, and nothing of one that never was', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const fleet = await fleetOf(test, [worker]);
    await operateRun(test.engine, { runId, operation: { type: 'pause', reason: '' } });
    expect((await explainRun(test.engine, fleet, runId))?.causes[0]).toMatch(/paused/);
    await operateRun(test.engine, { runId, operation: { type: 'resume', reason: '' } });
    await settle(test);
    expect((await explainRun(test.engine, fleet, runId))?.causes).toEqual([
      'the run has ended COMPLETED',
    ]);
    expect(await explainRun(test.engine, fleet, runIdOf(0, 'unknownrun'))).toBeNull();
  });
});
