import { type ConductorTask, conductorTaskOf, type TaskAttempt } from '@joinery/contract';
import { isJoineryError } from '@joinery/core';
import {
  beatClaims,
  claimTask,
  completeTask,
  type ClaimOutcome,
  type Engine,
  gateOf,
  handBackTask,
  leaveGate,
  revealInput,
} from '@joinery/engine';
import { type FetchedJob } from '@joinery/queues';

/**
 * Until the answer has left: a server that dies in between leaves a claim that ends so soon. Longer than Redis may be
 * away in the middle of a poll.
 */
export const FIRST_LEASE_MS = 15_000;

/** The response time-out is to be judged by the decider before the sweeper finds a claim without a beat. */
const LEASE_MARGIN_MS = 5_000;

/** For tasks without a response time-out: then a worker that vanished is found after an hour, as with Conductor. */
const UNLIMITED_LEASE_MS = 3_600_000;

/** How long a job is put back whose claim got no answer: the store has tried for a while already. */
const UNANSWERED_DELAY_MS = 1_000;

type Claimed = Extract<ClaimOutcome, { type: 'claimed' }>;

/** By how much a process's clock was ahead of the store's at its last claim, ms. */
const clockLeads = new WeakMap<Engine, number>();

/** How far this process is ahead of the store, ms; undefined before its first claim. */
export function clockLeadOf(engine: Engine): number | undefined {
  return clockLeads.get(engine);
}

/** An attempt that is claimed for a remote worker, on its way there. */
export interface ClaimedTask {
  readonly attempt: TaskAttempt;
  readonly claimed: Claimed;
  readonly shown: ConductorTask;
}

/** Lease of an attempt that a remote worker has in hand. */
export function remoteLeaseMs(responseTimeoutMs: number): number {
  return responseTimeoutMs > 0 ? responseTimeoutMs + LEASE_MARGIN_MS : UNLIMITED_LEASE_MS;
}

/** Claims what a job points at; null: it is not to be had, and the job has been dealt with. */
export async function claimFetched(
  engine: Engine,
  fetched: FetchedJob,
  worker: string,
): Promise<ClaimedTask | null> {
  const outcome = await claimQuietly(engine, fetched, worker);
  if (outcome?.type === 'claimed') clockLeads.set(engine, outcome.aheadMs);
  if (outcome === null) await fetched.putBack(UNANSWERED_DELAY_MS);
  else if (outcome.type === 'early') await fetched.putBack(outcome.waitMs);
  else await fetched.done();
  return outcome?.type === 'claimed' ? handOver(engine, outcome) : null;
}

/**
 * What goes to the worker that has claimed a task: its secrets are in it, and nowhere else. Null: a secret is not to be
 * had here, and the attempt has failed with that reason.
 */
export async function handOver(engine: Engine, claimed: Claimed): Promise<ClaimedTask | null> {
  const { row, run, token } = claimed;
  const attempt = { runId: run.id, key: row.key, attempt: row.attempt };
  try {
    const input = await revealInput(engine, claimed);
    // Whoever was asked before may have left something.
    const output = row.deliveries > 1 ? await engine.store.payload(run.id, `o:${row.key}`) : null;
    const shown = conductorTaskOf({ run, row, input, output, isReplaced: false });
    return { attempt, claimed, shown };
  } catch (error) {
    if (!isJoineryError(error, 'JN_SECRET_MISSING')) throw error;
    const failed = { status: 'FAILED', output: {}, reason: error.message } as const;
    await completeTask(engine, { ...attempt, token, ...failed });
    return null;
  }
}

/** Null when the store gave no answer. */
async function claimQuietly(
  engine: Engine,
  { job }: FetchedJob,
  worker: string,
): Promise<ClaimOutcome | null> {
  try {
    return await claimTask(engine, { job, worker, leaseMs: FIRST_LEASE_MS });
  } catch (err) {
    const fields = { event: 'claim.failed', runId: job.runId, taskId: job.taskId, err };
    engine.logger.warn(fields, 'a claim got no answer; the job is put back');
    return null;
  }
}

/** The answer has left: from now on the worker has its own time. */
export async function confirmTasks(engine: Engine, tasks: readonly ClaimedTask[]): Promise<void> {
  await beatClaims(
    engine,
    tasks.map(({ attempt, claimed: { row, token } }) => {
      const leaseMs = remoteLeaseMs(row.responseTimeoutMs);
      const beat = { ...attempt, token, leaseMs, isProgress: true };
      const gate = gateOf(row);
      return gate === undefined ? beat : { ...beat, gate };
    }),
  );
}

/** The answer never left: others get the attempts at once. */
export async function returnTasks(engine: Engine, tasks: readonly ClaimedTask[]): Promise<void> {
  await Promise.all(
    tasks.map(async ({ attempt, claimed: { row, token, run } }) => {
      const { definition, traceId } = run;
      const { dispatch } = row;
      await handBackTask(engine, { ...attempt, dispatch, token, definition, traceId });
      await leaveGate(engine, attempt.runId, row, token);
    }),
  );
}
