import { isTerminalRun, isTerminalTask, type RunId, type TaskKey } from '@joinery/core';
import { type TaskJob } from '@joinery/queues';
import { type Engine } from './engine.ts';
import { noteRepair, type Repair, type RepairOptions } from './repair-run.ts';
import { taskOfJob } from './task-of-job.ts';

/** A chunk of a queue's jobs, compared with the store. */
export interface QueueReport {
  readonly scannedCount: number;
  readonly repairs: readonly Repair[];
  /** For the next chunk; null = the whole queue was seen. */
  readonly cursor: string | null;
}

/** Which part of the queue is compared, and how. */
export interface RepairQueueOptions extends RepairOptions {
  readonly cursor?: string | null;
  /** Jobs per call. Default 200: about as many reads of the store at most. */
  readonly limit?: number;
}

/**
 * Removes jobs that nothing in the store stands behind: their run is gone or has ended, their task is terminal, or a
 * later attempt or dispatch is current. Workers would refuse them anyway; here they only take up room and time. Jobs
 * that a worker holds, or that are newer than what was read, are left alone.
 */
export async function repairQueue(
  engine: Engine,
  taskType: string,
  { cursor = null, limit = 200, dryRun = false }: RepairQueueOptions = {},
): Promise<QueueReport> {
  const page = await engine.queue.scan(taskType, cursor, limit);
  const jobs = page.jobs.flatMap(({ job, state }) => (job && state !== 'active' ? [job] : []));
  const found = await orphansAmong(engine, jobs);
  const orphans = dryRun ? found : await removeOrphans(engine, found);
  const repairs = orphans.map(({ runId, key }): Repair => ({ runId, kind: 'orphan-job', key }));
  // What was removed let others move into its places: the same chunk again. Only the first has no cursor of its own;
  // it is of delayed jobs, and what it skips comes with the next scan.
  const isAgain = orphans.length > 0 && !dryRun && cursor !== null;
  return { scannedCount: page.jobs.length, repairs, cursor: isAgain ? cursor : page.cursor };
}

/** Answers those that were removed: a worker that took and finished its job in the meantime has left nothing to mend. */
async function removeOrphans(
  engine: Engine,
  orphans: readonly NamedJob[],
): Promise<readonly NamedJob[]> {
  if (orphans.length === 0) return [];
  await engine.crashPoint?.('before-repair');
  const isRemoved = await engine.queue.remove(orphans.map(({ job }) => job));
  const removed = orphans.filter((_orphan, index) => isRemoved[index]);
  for (const orphan of removed) await recordRemoval(engine, orphan);
  return removed;
}

/** A job with the task that it names. */
interface NamedJob {
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly job: TaskJob;
}

async function orphansAmong(engine: Engine, jobs: readonly TaskJob[]): Promise<NamedJob[]> {
  const byRun = new Map<RunId, NamedJob[]>();
  for (const job of jobs) {
    const task = taskOfJob(job);
    // Not of ours: perhaps a plain BullMQ user shares the queue.
    if (task === null) continue;
    const list = byRun.get(task.runId) ?? [];
    list.push({ runId: task.runId, key: task.key, job });
    byRun.set(task.runId, list);
  }
  const orphans: NamedJob[] = [];
  for (const [runId, list] of byRun) orphans.push(...(await orphansOfRun(engine, runId, list)));
  return orphans;
}

async function orphansOfRun(
  engine: Engine,
  runId: RunId,
  named: readonly NamedJob[],
): Promise<readonly NamedJob[]> {
  const run = await engine.store.find(runId);
  if (run === null || isTerminalRun(run.status)) return named;
  const rows = named.map(({ key }) => key);
  const read = await engine.store.read(runId, { rows, data: [], arrivals: [] });
  if (read === null) return named;
  return named.filter(({ key, job }) => {
    const row = read.rows.get(key) ?? null;
    // A job is written after its row, and the row was read after the job: no row means that it was taken back.
    if (row === null) return true;
    if (isTerminalTask(row.status)) return job.attempt <= row.attempt;
    return job.attempt < row.attempt || job.dispatch < row.dispatch;
  });
}

async function recordRemoval(engine: Engine, { runId, key }: NamedJob): Promise<void> {
  noteRepair(engine, { runId, kind: 'orphan-job', key });
  const event = { type: 'repair.found', kind: 'orphan-job', key } as const;
  await engine.store.record(runId, event, engine.actor('repair-queue'));
}
