import { type TaskJob } from './task-job.ts';

/**
 * What became of one enqueue. `duplicate`: a job with this id was there, and the new one was ignored. When two
 * processes enqueue the same id at once, both may read `added`.
 */
export type EnqueueResult = 'added' | 'duplicate';

/** How many jobs of a task type are where. */
export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly prioritized: number;
  readonly delayed: number;
  /** Somebody paused the queue in BullMQ: jobs wait although workers are there. */
  readonly isPaused: boolean;
}

/** Where a job stands. */
export type JobState = 'delayed' | 'prioritized' | 'waiting' | 'active';

/** A job as a scan found it; `job` is null when its data is gone or is not ours. */
export interface ScannedJob {
  readonly id: string;
  readonly state: JobState;
  readonly job: TaskJob | null;
}

/** One chunk of a scan; give `cursor` back for the next one, null means the end. */
export interface ScanPage {
  readonly jobs: readonly ScannedJob[];
  readonly cursor: string | null;
}

/** The hints that are on their way to workers. Losing all of it loses no work, only time. */
export interface JobQueue {
  /** Adds jobs, in order per task type, one result each. May be repeated after an error: ids make it idempotent. */
  enqueue(jobs: readonly TaskJob[]): Promise<readonly EnqueueResult[]>;
  /** Whether each job is there and in a state from which it can come to a worker; one answer each. */
  exists(jobs: readonly TaskJob[]): Promise<readonly boolean[]>;
  /**
   * Removes jobs; one answer each, whether it was taken out of those that wait. Absent ones, and those a worker is
   * holding, are left as they are.
   */
  remove(jobs: readonly TaskJob[]): Promise<readonly boolean[]>;
  /** Counts the jobs of a task type in O(1). */
  waiting(taskType: string): Promise<JobCounts>;
  /**
   * Reads a chunk of at most `limit` jobs, first with cursor null. States are read in the order in which jobs move
   * (delayed, prioritized, waiting, active), so that what moves on is seen twice rather than never; only a job
   * that is put back during the scan may be missed.
   */
  scan(taskType: string, cursor: string | null, limit: number): Promise<ScanPage>;
  /** The task types that ever had a job since Redis was last emptied, sorted. */
  taskTypes(): Promise<readonly string[]>;
  /** Ends the use of this queue; the connection stays its owner's. */
  close(): Promise<void>;
}
