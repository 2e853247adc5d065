import type { Json } from '@joinery/core';
import type {
  ClaimBeat,
  ClaimedTask,
  ClaimOutcome,
  ClaimRequest,
  Completion,
  HandBack,
  Holding,
  TaskResult,
} from '@joinery/engine';
import type { TaskJob } from '@joinery/queues';
import type { Fleet } from '@joinery/store';

/** What the queue is told when a job has been dealt with. */
export type JobVerdict = 'done' | { readonly putBackAfterMs: number };

/** The verbs that a worker needs; the engine's, or a test's. Each may be sent twice. */
export interface WorkerVerbs {
  claim(request: ClaimRequest & { readonly token: string }): Promise<ClaimOutcome>;
  /** The input with its secrets. Throws JN_SECRET_MISSING when this process may not hand one out. */
  reveal(claimed: ClaimedTask): Promise<Json>;
  /** Stores a result, and what follows from it. Throws an InvalidInput error when this output can never be stored. */
  complete(result: TaskResult, holding: Holding): Promise<Completion>;
  /** Renews claims; false = lost. */
  beat(items: readonly ClaimBeat[]): Promise<readonly boolean[]>;
  /** Gives back the place that a limited task had; nothing for all others. Never rejects. */
  leave(claimed: ClaimedTask): Promise<void>;
  /** Gives an attempt back and sends it on its way to another worker. */
  handBack(claim: HandBack): Promise<unknown>;
}

/** Jobs of one task type, flowing into a handler until closed. */
export interface JobFlow {
  /**
   * Takes no more jobs, waits for those in hand, lets go of the rest at the deadline. Bounded even when the queue's Redis
   * is away.
   */
  close(deadlineMs: number): Promise<unknown>;
}

/** Opens the flow of jobs of one task type, `concurrency` at once. */
export type OpenJobFlow = (flow: {
  readonly taskType: string;
  readonly concurrency: number;
  readonly handle: (job: TaskJob) => Promise<JobVerdict>;
}) => JobFlow;

/** What a worker stands on. */
export interface WorkerPorts {
  readonly verbs: WorkerVerbs;
  readonly openJobs: OpenJobFlow;
  /** Where the worker shows that it lives and which types it runs. Without it, it works unseen. */
  readonly fleet?: Pick<Fleet, 'beat' | 'leave'>;
  /** Called first, before anything else is used. */
  readonly open?: () => Promise<void>;
  /** Lets go of what was opened for this worker alone; called last, also when opening failed. */
  readonly close?: () => Promise<void>;
}
