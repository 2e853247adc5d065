/** Statuses of a task, by Conductor's names. */
export const TASK_STATUSES = [
  'SCHEDULED',
  'IN_PROGRESS',
  'COMPLETED',
  'COMPLETED_WITH_ERRORS',
  'SKIPPED',
  'FAILED',
  'FAILED_WITH_TERMINAL_ERROR',
  'TIMED_OUT',
  'CANCELED',
] as const;
/** One of {@link TASK_STATUSES}. */
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Statuses of a run, by Conductor's names. */
export const RUN_STATUSES = [
  'RUNNING',
  'PAUSED',
  'COMPLETED',
  'FAILED',
  'TIMED_OUT',
  'TERMINATED',
] as const;
/** One of {@link RUN_STATUSES}. */
export type RunStatus = (typeof RUN_STATUSES)[number];

/** The statuses in which a run ends. */
export type EndStatus = Exclude<RunStatus, 'RUNNING' | 'PAUSED'>;

/** What a worker may answer for an attempt. */
export type ResultStatus = 'COMPLETED' | 'FAILED' | 'FAILED_WITH_TERMINAL_ERROR';

/** How an attempt that somebody else carries out may end: as a worker says, or as its child run did. */
export type OutcomeStatus = ResultStatus | 'TIMED_OUT' | 'CANCELED';

/** True when nothing changes this status any more, except a retry that replaces the attempt. */
export function isTerminalTask(status: TaskStatus): boolean {
  return status !== 'SCHEDULED' && status !== 'IN_PROGRESS';
}

/** True for terminal statuses after which the flow goes on. */
export function isSuccessfulTask(status: TaskStatus): boolean {
  return status === 'COMPLETED' || status === 'COMPLETED_WITH_ERRORS' || status === 'SKIPPED';
}

/** True when the run has ended. */
export function isTerminalRun(status: RunStatus): status is EndStatus {
  return status !== 'RUNNING' && status !== 'PAUSED';
}
