import { isGated } from '@joinery/core';
import { type TaskJob } from '@joinery/queues';
import { type ClaimArgs, type ClaimReply } from '@joinery/store';
import { claimCircuit } from '../circuits/claim-circuit.ts';
import { claimLimited } from '../gates/claim-limited.ts';
import { completePoison } from './complete-poison.ts';
import { isDeterministic, reasonOf } from '../decisions/deterministic-error.ts';
import { type Engine } from '../engine.ts';
import { failRun } from '../decisions/fail-run.ts';
import { taskOfJob } from './task-of-job.ts';

/** Who wants the attempt that a job names, and for how long at a time. */
export interface ClaimRequest {
  readonly job: TaskJob;
  readonly worker: string;
  readonly leaseMs: number;
  /** Unguessable. Give the same one to repeat a claim whose reply was lost. Default: a fresh one. */
  readonly token?: string;
}

/** A task as its worker holds it. */
export type ClaimedTask = Extract<ClaimReply, { type: 'claimed' }> & {
  /** With this the attempt is to be completed. */
  readonly token: string;
  /** How far this process's clock was ahead of the store's at the claim, ms. */
  readonly aheadMs: number;
};

/** How a claim ended. */
export type ClaimOutcome =
  | ClaimedTask
  | Exclude<ClaimReply, { type: 'claimed' | 'poison' }>
  /** A limit is reached: the attempt waits in line, and is sent again when its turn has come. */
  | { readonly type: 'waiting' }
  /** Its target is left alone, and its definition wants it to fail then; it has been ended. */
  | { readonly type: 'refused' }
  /** Delivered too often without a result; it has been ended WORKER_LOST. */
  | { readonly type: 'poison' };

/**
 * Takes one attempt for a worker. Whatever is not `claimed` or `early` means: forget the job. A task that can never be read
 * ends its run: nobody else would be told of it.
 */
export async function claimTask(engine: Engine, request: ClaimRequest): Promise<ClaimOutcome> {
  const { job, worker, leaseMs, token = engine.entropy.randomId() } = request;
  const named = taskOfJob(job);
  if (named === null) return { type: 'gone' };
  const task = { ...named, attempt: job.attempt };
  const claim = (): Promise<ClaimOutcome> =>
    claimOnce(engine, { ...task, dispatch: job.dispatch, token, worker, leaseMs });
  const { definition, limits } = job;
  if (limits === undefined) return claim();
  const { circuit } = limits;
  const inLine = (): Promise<ClaimOutcome> =>
    isGated(limits)
      ? claimLimited(engine, { task, definition, limits, token, leaseMs }, claim)
      : claim();
  if (circuit === undefined) return inLine();
  return claimCircuit(engine, { task, circuit, token, leaseMs }, { inLine, alone: claim });
}

async function claimOnce(engine: Engine, args: Omit<ClaimArgs, 'actor'>): Promise<ClaimOutcome> {
  const actor = engine.actor('claim-task');
  const reply = await engine.store.claim({ ...args, actor }).catch(async (error: unknown) => {
    if (!isDeterministic(error)) throw error;
    await failRun(engine, args.runId, reasonOf('claim', error));
    return { type: 'gone' } as const;
  });
  if (reply.type === 'claimed') {
    const { token } = args;
    return { ...reply, token, aheadMs: engine.clock.now() - reply.row.startedAt };
  }
  if (reply.type !== 'poison') return reply;
  await completePoison(engine, args, reply);
  return { type: 'poison' };
}
