/** How a worker spends time; ms where nothing else is said. */
export interface WorkerTimings {
  /** How long a claim lives without a beat: how late a dead worker is noticed. Default 3,000. */
  readonly claimLeaseMs: number;
  /** Between two beats. Default 1,000: two may be lost before a claim is. */
  readonly beatEveryMs: number;
  /**
   * A claim that no beat could confirm for so long counts as lost. Default 30,000: far longer than the lease, because a
   * claim whose lease has run out is often still ours when Redis comes back, and the store refuses the result if not.
   */
  readonly fenceAfterMs: number;
  /** How long a finished handler's result is offered to a store that does not answer. Default 60,000. */
  readonly completeWithinMs: number;
  /** How long an interrupted handler may take to end before its slot is given to another task. Default 10,000. */
  readonly abandonAfterMs: number;
  /** The same during shutdown, before the attempt is handed back. Default 500: another worker is waiting for it. */
  readonly handBackAfterMs: number;
  /** How long a job may wait for a free slot of the whole worker before other workers get it. Default 1,000. */
  readonly slotWaitMs: number;
  /**
   * Tasks to which a worker goes on after another without a job, in a row. Default 32: more saves little, and keeps those
   * waiting that stand in line for the worker. 0 = each task has a job of its own.
   */
  readonly continuationLimit: number;
  /** How long handlers may go on at shutdown before they are interrupted. Default 60,000. */
  readonly drainTimeoutMs: number;
  /** Bound of each further step of a stop: one round trip per claim, all at once. Default 2,000. */
  readonly letGoMs: number;
}

/** See each field. */
export const defaultTimings: WorkerTimings = {
  claimLeaseMs: 3_000,
  beatEveryMs: 1_000,
  fenceAfterMs: 30_000,
  completeWithinMs: 60_000,
  abandonAfterMs: 10_000,
  handBackAfterMs: 500,
  slotWaitMs: 1_000,
  continuationLimit: 32,
  drainTimeoutMs: 60_000,
  letGoMs: 2_000,
};
