import type { RunId } from '@joinery/core';

/** A line that a worker has written about an attempt. */
export interface TaskLogLine {
  readonly text: string;
  /** By the worker's clock, ms since epoch. */
  readonly at: number;
}

/**
 * What workers have to say about their attempts. For people: nothing is decided by it, a line that is sent twice is
 * there twice, the oldest lines beyond 1,000 go first, and a log that nobody adds to for 7 days is gone.
 */
export interface TaskLogs {
  append(runId: RunId, taskId: string, lines: readonly TaskLogLine[]): Promise<void>;
  /** Oldest first. */
  list(runId: RunId, taskId: string): Promise<readonly TaskLogLine[]>;
}
