import { parseRunId } from '@joinery/core';
import { type JobQueue, type TaskJob } from '@joinery/queues';
import { describe, expect, it } from 'vitest';
import {
  createTestEngine,
  runOf,
  settle,
  startFork,
  type TestEngine,
  work,
} from '../../test/fixtures/test-engine.ts';
import { claimTask } from '../tasks/claim-task.ts';
import { operateRun } from '../operations/operate-run.ts';
import { type Engine } from '../engine.ts';
import { type QueuePosition, repairQueue, type RepairQueueOptions } from './repair-queue.ts';
import { type Repair } from './repair-run.ts';

/** All chunks of a queue, one after the other; suspects are looked at again at once. */
async function repairWhole(engine: Engine, options: RepairQueueOptions = {}) {
  const repairs: Repair[] = [];
  let scannedCount = 0;
  let calls = 0;
  for (let from: QueuePosition | null | undefined = null; from !== undefined; calls += 1) {
    const report = await repairQueue(engine, 'a', { ...options, from });
    repairs.push(...report.repairs);
    scannedCount += report.scannedCount;
    from = report.next ?? undefined;
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

const prioritized: QueuePosition = { cursor: 'prioritized:0', suspects: [], after: null };

/** The job of a task that a worker has completed; it is in no queue any more. */
async function servedJob({ engine, queue }: TestEngine): Promise<TaskJob> {
  await startFork(engine);
  const [scanned] = (await queue.scan('a', 'prioritized:0', 1)).jobs;
  if (!scanned?.job) throw new Error('no job');
  await work(engine, queue);
  expect(await queue.exists([scanned.job])).toEqual([false]);
  return scanned.job;
}

async function repairsIn({ store }: TestEngine, { runId }: { readonly runId: string }) {
  const known = parseRunId(runId);
  if (known === null) throw new Error(`${runId} names no run`);
  const history = await store.history(known, 1, 100);
  return history.filter(({ event }) => event.type === 'repair.found');
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

  it('removes nothing at the first look, and at the second what is still there', async () => {
    const test = createTestEngine();
    const job = await servedJob(test);
    await test.queue.enqueue([job]);
    const first = await repairQueue(test.engine, 'a', { from: prioritized });
    expect(first).toMatchObject({ scannedCount: 1, repairs: [] });
    expect(first.next?.suspects.map(({ key }) => key)).toEqual(['a']);
    expect(await test.queue.exists([job])).toEqual([true]);
    const second = await repairQueue(test.engine, 'a', { from: first.next });
    expect(second.repairs).toMatchObject([{ kind: 'orphan-job', key: 'a' }]);
    expect(await test.queue.exists([job])).toEqual([false]);
  });

  it.each([
    ['was refused by a worker', (test: TestEngine) => work(test.engine, test.queue)],
    ['is held by a worker', async (test: TestEngine) => test.queue.take('a')],
  ])('mends nothing when a suspect %s in the meantime', async (_what, happens) => {
    const test = createTestEngine();
    const job = await servedJob(test);
    await test.queue.enqueue([job]);
    const { next } = await repairQueue(test.engine, 'a', { from: prioritized });
    expect(next?.suspects).toHaveLength(1);
    await happens(test);
    const isThere = await test.queue.exists([job]);
    const second = await repairQueue(test.engine, 'a', { from: next });
    expect(second.repairs).toEqual([]);
    expect(second.next).toMatchObject({ cursor: 'waiting:0', suspects: [] });
    expect(await test.queue.exists([job])).toEqual(isThere);
    expect(await repairsIn(test, job)).toEqual([]);
  });

  it('mends nothing of what a worker has taken and finished while it was being looked at', async () => {
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
    const first = await repairQueue(engine, 'a', { from: prioritized });
    expect(first).toMatchObject({ scannedCount: 1, repairs: [] });
    const second = await repairQueue(engine, 'a', { from: first.next });
    expect(second.repairs).toEqual([]);
    expect(await repairsIn(test, { runId })).toEqual([]);
    const history = await test.store.history(runId, 1, 100);
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
