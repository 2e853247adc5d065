import { DelayedError, type Job, WaitingError } from 'bullmq';

/**
 * Gives the job that we hold back to its queue, in front at 0 ms and else not before `afterMs`, and ends the processor by
 * the error that tells BullMQ so. When the job is not ours any more there is nothing to give back: whoever holds it now
 * goes on, so that this is no failure either.
 */
export async function putBack(job: Job, token: string, afterMs: number): Promise<never> {
  if (afterMs <= 0) {
    await job.moveToWait(token).catch(ignoreLostJob);
    throw new WaitingError();
  }
  await job.moveToDelayed(Date.now() + afterMs, token).catch(ignoreLostJob);
  throw new DelayedError();
}

/** BullMQ's words for a job whose lock, key or place in the active list is gone. */
const LOST = /^(?:Missing (?:lock|key)|Lock mismatch|Job .* is not in the active state)/u;

function ignoreLostJob(error: unknown): void {
  if (!(error instanceof Error) || !LOST.test(error.message)) throw error;
}
