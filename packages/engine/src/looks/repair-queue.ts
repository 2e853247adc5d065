/*
 * Jobs that nothing stands behind. Interface: repairQueue, chunk after chunk, from where the last call has come to.
 * Invariants:
 *  Q1 a job is removed only when it was an orphan at two looks with a grace between them: in a healthy system a late
 *     duplicate is taken back by its relay or refused by a worker in the meantime, and is nobody's repair.
 *  Q2 a job that a worker holds is never removed.
 *  Q3 every call moves on or has removed something.
 */
import { type Engine } from '../engine.ts';
import { findOrphans, type NamedJob } from './find-orphans.ts';
import { noteRepair, type Repair, type RepairOptions } from './repair-run.ts';

/**
 * Between the two looks at a suspect, ms. Relays take duplicates back within some round trips; much shorter would count
 * them as repairs on a loaded machine, longer only leaves useless jobs where they are.
 */
export const ORPHAN_GRACE_MS = 2_000;

/** Where a walk along a queue stands. Losing it costs a walk. */
export interface QueuePosition {
  /** Of the chunk that is looked at next; null = the first. */
  readonly cursor: string | null;
  /** Jobs of this chunk that nothing stood behind at the first look; the second is due after the grace. */
  readonly suspects: readonly NamedJob[];
  /** Of the chunk after this one; null = this is the last. */
  readonly after: string | null;
}

/** A chunk of a queue's jobs, compared with the store. */
export interface QueueReport {
  readonly scannedCount: number;
  readonly repairs: readonly Repair[];
  /**
   * From where to go on, {@link ORPHAN_GRACE_MS} later if it has suspects and at once if it has none; null = the whole
   * queue was seen.
   */
  readonly next: QueuePosition | null;
}

/** Which part of the queue is compared, and how. */
export interface RepairQueueOptions extends RepairOptions {
  /** `next` of the last call. Default: the beginning. */
  readonly from?: QueuePosition | null;
  /** Jobs per call. Default 200: about as many reads of the store at most. */
  readonly limit?: number;
}

/**
 * Removes jobs that nothing in the store stands behind, at the second look. Workers would refuse them anyway; here they
 * only take up room and time.
 */
export async function repairQueue(
  engine: Engine,
  taskType: string,
  options: RepairQueueOptions = {},
): Promise<QueueReport> {
  const { limit = 200, dryRun = false } = options;
  const from = options.from ?? positionAt(null);
  if (from.suspects.length > 0) return lookAgain(engine, from, dryRun);
  const page = await engine.queue.scan(taskType, from.cursor, limit);
  const jobs = page.jobs.flatMap(({ job, state }) => (job && state !== 'active' ? [job] : []));
  const suspects = await findOrphans(engine, jobs);
  const next =
    suspects.length > 0 ? { cursor: from.cursor, suspects, after: page.cursor } : following(page);
  return { scannedCount: page.jobs.length, repairs: [], next };
}

function positionAt(cursor: string | null): QueuePosition {
  return { cursor, suspects: [], after: null };
}

function following({ cursor }: { readonly cursor: string | null }): QueuePosition | null {
  return cursor === null ? null : positionAt(cursor);
}

async function lookAgain(
  engine: Engine,
  { cursor, suspects, after }: QueuePosition,
  dryRun: boolean,
): Promise<QueueReport> {
  const jobs = suspects.map(({ job }) => job);
  const orphans = dryRun ? await stillThere(engine, jobs) : await removeOrphans(engine, jobs);
  const repairs = orphans.map(({ runId, key }): Repair => ({ runId, kind: 'orphan-job', key }));
  // What was removed let others move into its places: the same chunk again. Only the first has no cursor of its own;
  // it is of delayed jobs, and what it skips comes with the next walk.
  const isAgain = orphans.length > 0 && !dryRun && cursor !== null;
  return { scannedCount: 0, repairs, next: following({ cursor: isAgain ? cursor : after }) };
}

async function stillThere(engine: Engine, jobs: Jobs): Promise<readonly NamedJob[]> {
  const isThere = await engine.queue.exists(jobs);
  return findOrphans(
    engine,
    jobs.filter((_job, index) => isThere[index]),
  );
}

type Jobs = Parameters<typeof findOrphans>[1];

/** Answers those that were removed: a worker that took and finished its job in the meantime has left nothing to mend. */
async function removeOrphans(engine: Engine, jobs: Jobs): Promise<readonly NamedJob[]> {
  const orphans = await findOrphans(engine, jobs);
  if (orphans.length === 0) return [];
  await engine.crashPoint?.('before-repair');
  const isRemoved = await engine.queue.remove(orphans.map(({ job }) => job));
  const removed = orphans.filter((_orphan, index) => isRemoved[index]);
  for (const orphan of removed) await recordRemoval(engine, orphan);
  return removed;
}

async function recordRemoval(engine: Engine, { runId, key }: NamedJob): Promise<void> {
  noteRepair(engine, { runId, kind: 'orphan-job', key });
  const event = { type: 'repair.found', kind: 'orphan-job', key } as const;
  await engine.store.record(runId, event, engine.actor('repair-queue'));
}
