import { type JobQueue } from '@joinery/queues';
import { describe, expect, it } from 'vitest';
import { createTestEngine, runOf, settle, startFork, work } from '../test/fixtures/test-engine.ts';
import { claimTask } from './claim-task.ts';
import { operateRun } from './operate-run.ts';
import { type Engine } from './engine.ts';
import { repairQueue, type RepairQueueOptions } from './repair-queue.ts';
import { type Repair } from './repair-run.ts';

/** All chunks of a queue, one after the other. */
async function repairWhole(engine: Engine, options: RepairQueueOptions = {}) {
  const repairs: Repair[] = [];
  let scannedCount = 0;
  let calls = 0;
  for (let cursor: string | null | undefined = null; cursor !== undefined; calls += 1) {
    const report = await repairQueue(engine, 'a', { ...options, cursor });
    repairs.push(...report.repairs);
    scannedCount += report.scannedCount;
    cursor = report.cursor ?? undefined;
  }
  return { repairs, scannedCount, calls };
}

/** The queue's methods by themselves, for one of them to be replaced. */
function boundQueue(queue: JobQueue): JobQueue {
  return {
    enqueue: (jobs) => queue.enqueue(jobs),
    exists: (jobs) => queue.exists(jobs),
    remove: (jobs) => queue.remove(jobs),
    waiting: (taskType) => queue.waiting(taskType),
    scan: (taskType, cursor, limit) => queue.scan(taskType, cursor, limit),
    taskTypes: () => queue.taskTypes(),
    close: () => queue.close(),
  };
}

describe('comparing a queue with the store', () => {
  it('leaves jobs alone that somebody waits for', async () => {
    const test = createTestEngine();
    await startFork(test.engine);
    const report = await repairWhole(test.engine);
    expect(report).toMatchObject({ scannedCount: 1, repairs: [] });
  });

  it('removes jobs of runs that have ended or never were', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const job = test.queue.take('a');
    if (job === null) throw new Error('no job');
    await operateRun(test.engine, { runId, operation: { type: 'terminate', reason: 'x' } });
    await settle(test);
    expect((await runOf(test.engine, runId)).status).toBe('TERMINATED');
    test.queue.finish(job);
    await test.queue.enqueue([
      job,
      { ...job, runId: '00-goneforever', taskId: '00-goneforever.a' },
    ]);
    const foreign = { ...job, runId: 'not ours', taskId: 'foreign' };
    await test.queue.enqueue([foreign]);
    const dry = await repairWhole(test.engine, { dryRun: true });
    const report = await repairWhole(test.engine);
    expect(report.repairs).toEqual(dry.repairs);
    expect(report.repairs.map((repair) => repair.runId)).toEqual([runId, '00-goneforever']);
    expect(await test.queue.waiting('a')).toMatchObject({ waiting: 0, prioritized: 1 });
    const history = await test.store.history(runId, 1, 100);
    expect(history.at(-1)?.event).toEqual({ type: 'repair.found', kind: 'orphan-job', key: 'a' });
  });

  it('removes jobs of a run that was ended without a decision, whose tasks stand open', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    await test.store.fail({ runId, reason: 'no definition', actor: 'test' });
    const { repairs } = await repairWhole(test.engine);
    expect(repairs).toEqual([{ runId, kind: 'orphan-job', key: 'a' }]);
  });

  it('removes earlier dispatches, and keeps what is newer than what was read', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const job = test.queue.take('a');
    if (job === null) throw new Error('no job');
    test.queue.finish(job);
    const claim = await claimTask(test.engine, { job, worker: 'w', leaseMs: 3_000 });
    if (claim.type !== 'claimed') throw new Error(claim.type);
    const { key } = claim.row;
    const task = { runId, key, attempt: 1, dispatch: 1, token: claim.token };
    await test.store.redeliver({ ...task, repair: null, delayMs: 0, actor: 'test' });
    const [old, current, newer] = [1, 2, 3].map((dispatch) => Object.assign({}, job, { dispatch }));
    if (!old || !current || !newer) throw new Error('no jobs');
    await test.queue.enqueue([old, current, newer]);
    await repairWhole(test.engine);
    expect(await test.queue.exists([old, current, newer])).toEqual([false, true, true]);
  });

  it('does not count a job as mended that a worker has taken and finished since it was seen', async () => {
    const test = createTestEngine();
    const { runId } = await startFork(test.engine);
    const engine = test.another({
      queue: {
        ...boundQueue(test.queue),
        scan: async (taskType, cursor, limit) => {
          const page = await test.queue.scan(taskType, cursor, limit);
          await work(test.engine, test.queue);
          return page;
        },
      },
    });
    let seenCount = 0;
    for (const cursor of ['prioritized:0', 'waiting:0']) {
      const report = await repairQueue(engine, 'a', { cursor });
      seenCount += report.scannedCount;
      expect(report.repairs).toEqual([]);
    }
    expect(seenCount).toBe(1);
    const history = await test.store.history(runId, 1, 100);
    expect(history.filter(({ event }) => event.type === 'repair.found')).toEqual([]);
    expect(history.filter(({ event }) => event.type === 'task.completed')).toHaveLength(3);
  });

  it('finds all that are to be removed in one walk, though each removal moves the others', async () => {
    const test = createTestEngine();
    const runIds = [];
    for (let count = 0; count < 9; count += 1) runIds.push((await startFork(test.engine)).runId);
    const [kept, ...failed] = runIds.toSorted();
    for (const runId of failed) await test.store.fail({ runId, reason: 'x', actor: 'test' });
    const { repairs } = await repairWhole(test.engine, { limit: 2 });
    expect(repairs.map(({ runId }) => runId).toSorted()).toEqual(failed);
    expect(repairs.map(({ runId }) => runId)).not.toContain(kept);
  });

  it('goes through a long queue in chunks', async () => {
    const test = createTestEngine();
    for (let count = 0; count < 5; count += 1) await startFork(test.engine);
    const { scannedCount, calls } = await repairWhole(test.engine, { limit: 2 });
    expect(scannedCount).toBe(5);
    expect(calls).toBeGreaterThan(2);
  });
});
