/**
 * One job, from its arrival to the verdict for the queue.
 * Invariants:
 *  J1 a job is a hint. Whatever the claim answers, the job is done or put back, never failed.
 *  J2 a job goes only when the store has said that there is nothing to look at. Where it has forgotten the claim, as after
 *     a loss of writes, the attempt waits for a delivery again, and this job is its only one.
 */
import { parseTaskId } from '@joinery/core';
import { withFields } from '@joinery/kit';
import type { TaskJob } from '@joinery/queues';
import { type ClaimOutcome, gateOf } from '@joinery/engine';
import type { ClaimDesk, DeliveryEnd, NextTask } from './claim-desk.ts';
import type { Task } from './define-task.ts';
import { runDelivery } from './run-delivery.ts';
import type { JobVerdict } from './worker-ports.ts';

/** How long a job is put back whose claim got no answer: the store has tried for a while already. */
const unansweredDelayMs = 1_000;

/** What became of a job, and what its worker goes on with after it. */
export interface JobEnd {
  readonly verdict: JobVerdict;
  readonly next: NextTask | null;
}

/** Claims what the job points at and, if it is ours, sees it through. Never rejects. */
export async function runClaim(desk: ClaimDesk, task: Task, job: TaskJob): Promise<JobEnd> {
  const named = parseTaskId(job.taskId);
  if (named === null) {
    const fields = { event: 'job.refused', runId: job.runId, taskId: job.taskId };
    desk.logger.warn(fields, 'a job names no task; it is dropped');
    return ended('done');
  }
  const token = desk.entropy.randomId();
  const reply = await claimFor(desk, token, job);
  if (reply === null) return ended({ putBackAfterMs: unansweredDelayMs });
  desk.metrics.claims.add({ task_type: task.type, reply: reply.type });
  if (reply.type === 'early') return ended({ putBackAfterMs: reply.waitMs });
  if (reply.type !== 'claimed') return ended('done');
  const { next, isForgotten } = await runClaimed(desk, { task, claimed: reply, hop: 0 });
  return { verdict: isForgotten ? { putBackAfterMs: 0 } : 'done', next };
}

/** Sees a claimed task through. Never rejects. */
export async function runClaimed(
  desk: ClaimDesk,
  { task, claimed, hop }: NextTask,
): Promise<DeliveryEnd> {
  const { run, row, token } = claimed;
  const { key, attempt } = row;
  const { traceId } = run;
  const logger = withFields(desk.logger, { runId: run.id, taskRef: key, attempt, traceId });
  const identity = { runId: run.id, key, attempt, token };
  const gate = gateOf(row);
  const claim = desk.keeper.hold(gate === undefined ? identity : { ...identity, gate });
  try {
    return await runDelivery(desk, { task, claim, claimed, hop, logger });
  } finally {
    claim.release();
    if (row.limits !== undefined) await desk.verbs.leave(claimed);
  }
}

function ended(verdict: JobVerdict): JobEnd {
  return { verdict, next: null };
}

async function claimFor(
  desk: ClaimDesk,
  token: string,
  job: TaskJob,
): Promise<ClaimOutcome | null> {
  const { workerId: worker, timings } = desk;
  try {
    return await desk.verbs.claim({ job, worker, leaseMs: timings.claimLeaseMs, token });
  } catch (err) {
    const fields = { event: 'claim.failed', runId: job.runId, taskId: job.taskId, err };
    desk.logger.warn(fields, 'a claim got no answer; the job is put back');
    return null;
  }
}
