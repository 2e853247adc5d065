import { isTerminalRun, isTerminalTask, type RunId, type TaskKey } from '@joinery/core';
import { type TaskJob } from '@joinery/queues';
import { type Engine } from '../engine.ts';
import { taskOfJob } from '../tasks/task-of-job.ts';

/** A job with the task that it names. */
export interface NamedJob {
  readonly runId: RunId;
  readonly key: TaskKey;
  readonly job: TaskJob;
}

/**
 * The jobs that nothing in the store stands behind: their run is gone or has ended, their task is terminal, or a later
 * attempt or dispatch is current. Once so, always so. Jobs that are newer than what was read are none of them, and
 * neither are jobs that somebody else has put into the queue.
 */
export async function findOrphans(engine: Engine, jobs: readonly TaskJob[]): Promise<NamedJob[]> {
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
