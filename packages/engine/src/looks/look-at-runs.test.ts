import { joineryError, partitionOf, type RunId } from '@joinery/core';
import { createSeededEntropy } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import {
  coordinate,
  createTestEngine,
  runOf,
  settle,
  startFork,
  type TestEngine,
  work,
} from '../../test/fixtures/test-engine.ts';
import { claimTask } from '../tasks/claim-task.ts';
import { lookAtRuns, type LookReport } from './look-at-runs.ts';
import { repairRun } from './repair-run.ts';

/** Sweeps like the service, until the run has ended; answers the kinds of repairs that it took. */
async function sweepToEnd(test: TestEngine, runId: RunId, engine = test.engine): Promise<string[]> {
  const kinds: string[] = [];
  for (let pass = 0; pass < 400; pass += 1) {
    await test.time.advance(500);
    const { repairs } = await lookAtRuns(engine, partitionOf(runId));
    kinds.push(...repairs.map(({ kind }) => kind));
    await settle({ engine, queue: test.queue });
    if ((await runOf(engine, runId)).status !== 'RUNNING') return kinds;
  }
  throw new Error('the run stands still');
}

async function lookUntil(
  test: TestEngine,
  runId: RunId,
  isWanted: (report: LookReport) => boolean,
  options = {},
): Promise<LookReport> {
  for (let pass = 0; pass < 100; pass += 1) {
    await test.time.advance(500);
    const report = await lookAtRuns(test.engine, partitionOf(runId), options);
    if (isWanted(report)) return report;
  }
  throw new Error('it was not seen');
}

const hasRepairs = ({ repairs }: LookReport): boolean => repairs.length > 0;

describe('a look at runs', () => {
  it('finds nothing in a run that has just been started, and repairs nothing in a healthy one', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const partition = partitionOf(runId);
    expect(await lookAtRuns(test.engine, partition)).toMatchObject({ takenCount: 0, repairs: [] });
    for (let pass = 0; pass < 70; pass += 1) {
      await test.time.advance(1_000);
      expect((await lookAtRuns(test.engine, partition)).repairs).toEqual([]);
      await coordinate(test.engine);
    }
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });

  it('wakes a coordinator for a run whose nudge was lost', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const away = { ...test.nudges, push: async () => Promise.reject(new Error('away')) };
    await work(test.another({ nudges: away }), test.queue);
    expect(await coordinate(test.engine)).toEqual([]);
    expect(test.logger.events()).toContain('nudge.lost');
    expect(await sweepToEnd(test, runId)).toEqual([]);
  });

  it('sends again whose job was lost, and says so in the history', async () => {
    let isLosing = true;
    const test = createTestEngine({}, { deliveries: () => (isLosing ? 0 : 1) });
    const { runId } = await startFork(test.engine);
    isLosing = false;
    expect(await sweepToEnd(test, runId)).toEqual(['lost-job', 'lost-job', 'lost-job']);
    const history = await test.store.history(runId, 1, 100);
    const found = history.filter(({ event }) => event.type === 'repair.found');
    expect(found).toHaveLength(3);
    expect(test.logger.events().filter((event) => event === 'repair.done')).toHaveLength(3);
  });

  it('lets every run come to its end after the queues have been forgotten', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await work(test.engine, test.queue);
    await coordinate(test.engine);
    test.queue.forget();
    expect(await sweepToEnd(test, runId)).toEqual(['lost-job']);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });

  it('delivers again what a dead worker had claimed, and burns no retry', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const job = test.queue.take('a');
    if (job === null) throw new Error('no job');
    await claimTask(test.engine, { job, worker: 'dead', leaseMs: 3_000 });
    test.queue.finish(job);
    expect(await sweepToEnd(test, runId)).toEqual(['claim-ended']);
    const row = (await test.store.rows(runId)).find(({ key }) => key === 'a');
    expect(row).toMatchObject({ attempt: 1, status: 'COMPLETED', dispatch: 2 });
  });

  it('ends an attempt that kills every worker WORKER_LOST, and the run with it', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    for (let delivery = 0; delivery < 30; delivery += 1) {
      const job = test.queue.take('a');
      if (job === null) break;
      await claimTask(test.engine, { job, worker: 'dies', leaseMs: 3_000 });
      test.queue.finish(job);
      if ((await runOf(test.engine, runId)).status !== 'RUNNING') break;
      await lookUntil(test, runId, hasRepairs);
    }
    await coordinate(test.engine);
    const run = await runOf(test.engine, runId);
    expect([run.status, run.reason]).toEqual(['FAILED', expect.stringContaining('WORKER_LOST')]);
    expect(test.logger.events()).toContain('task.poisoned');
  });

  it('ends a corrupt run, and looks at its neighbours all the same', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const store = {
      ...test.store,
      look: async (partition: number, runIds: readonly RunId[]) => {
        const findings = await test.store.look(partition, runIds);
        return findings.map((finding) => Object.assign({}, finding, { corrupt: 'CORRUPT row a' }));
      },
    };
    await test.time.advance(31_000);
    const report = await lookAtRuns(test.another({ store }), partitionOf(runId));
    expect(report).toMatchObject({
      nudgedCount: 0,
      repairs: [{ runId, kind: 'corrupt-run', key: '' }],
    });
    expect(await runOf(test.engine, runId)).toMatchObject({
      status: 'FAILED',
      reason: 'look: CORRUPT row a',
    });
  });

  it('mends the neighbours of a run that can neither be read nor ended', async () => {
    const test = createTestEngine({ entropy: createSeededEntropy(1) });
    const broken = (await startFork(test.engine)).runId;
    const partition = partitionOf(broken);
    let neighbour = (await startFork(test.engine)).runId;
    while (partitionOf(neighbour) !== partition) neighbour = (await startFork(test.engine)).runId;
    test.queue.forget();
    const unreadable = joineryError('JN_STORE_CORRUPT', { key: 'k', problem: 'wrong type' });
    const store = {
      ...test.store,
      fail: () => Promise.reject(unreadable),
      look: async (at: number, runIds: readonly RunId[]) => {
        const findings = await test.store.look(at, runIds);
        return findings.map((finding) =>
          finding.runId === broken ? Object.assign({}, finding, { corrupt: 'x' }) : finding,
        );
      },
    };
    await test.time.advance(2_500);
    const { repairs } = await lookAtRuns(test.another({ store }), partition);
    expect(repairs.filter(({ runId }) => runId === neighbour)).toHaveLength(3);
    expect(repairs.filter(({ runId }) => runId === broken)).toEqual([]);
    expect(test.logger.events()).toContain('repair.failed');
  });

  it('says without doing what it would do, when it is a dry run', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    test.queue.forget();
    const before = test.store.snapshot(runId)?.['history'];
    const repairs = await repairRun(test.engine, runId, { dryRun: true });
    expect(repairs.map(({ kind, key }) => [kind, key])).toEqual([
      ['lost-job', 'a'],
      ['lost-job', 'b'],
      ['lost-job', 'c'],
    ]);
    expect(test.store.snapshot(runId)?.['history']).toEqual(before);
    expect(await repairRun(test.engine, runId)).toEqual(repairs);
    expect(await repairRun(test.engine, runId)).toEqual([]);
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('COMPLETED');
  });
});
