/**
 * One job, from its arrival to the verdict for the queue.
 * Invariant: a job is a hint. Whatever the claim answers, the job is done or put back, never failed.
 */
import { parseTaskId } from '@joinery/core';
import type { TaskJob } from '@joinery/queues';
import type { ClaimOutcome } from '@joinery/engine';
import type { ClaimDesk } from './claim-desk.ts';
import type { Task } from './define-task.ts';
import { runDelivery } from './run-delivery.ts';
import type { JobVerdict } from './worker-ports.ts';

/** How long a job is put back whose claim got no answer: the store has tried for a while already. */
const unansweredDelayMs = 1_000;

/** Claims what the job points at and, if it is ours, sees it through. Never rejects. */
export async function runClaim(desk: ClaimDesk, task: Task, job: TaskJob): Promise<JobVerdict> {
  const named = parseTaskId(job.taskId);
  if (named === null) {
    const fields = { event: 'job.refused', runId: job.runId, taskId: job.taskId };
    desk.logger.warn(fields, 'a job names no task; it is dropped');
    return 'done';
  }
  const token = desk.entropy.randomId();
  const identity = { ...named, attempt: job.attempt, token };
  const reply = await claimFor(desk, token, job);
  if (reply === null) return { putBackAfterMs: unansweredDelayMs };
  desk.metrics.claims.add({ task_type: task.type, reply: reply.type });
  if (reply.type === 'early') return { putBackAfterMs: reply.waitMs };
  if (reply.type !== 'claimed') return 'done';
  const { row, traceId } = reply;
  const { attempt } = job;
  const logger = desk.logger.child({ runId: named.runId, taskRef: row.key, attempt, traceId });
  const claim = desk.keeper.hold(identity);
  try {
    await runDelivery(desk, { task, claim, claimed: reply, logger });
  } finally {
    claim.release();
  }
  return 'done';
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
