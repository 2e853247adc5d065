import { type RunId, type RunStatus } from '@joinery/core';

/** What a search answers. */
export interface SearchResult<T> {
  readonly totalHits: number;
  readonly results: readonly T[];
}

/** A run in a list, in Conductor's words; moments are ISO texts here, and only here. */
export interface WorkflowSummary {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly startTime: string;
  readonly endTime: string | null;
  readonly reasonForIncompletion: string | null;
  readonly executionTime: number;
}

/** What a summary is made of. */
export interface ListedRun {
  readonly runId: RunId;
  readonly definition: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly createdAt: number;
  readonly endedAt: number;
  readonly reason: string;
}

/** A listed run as Conductor would show it. */
export function workflowSummaryOf(run: ListedRun): WorkflowSummary {
  const { runId, definition, version, status, createdAt, endedAt, reason } = run;
  return {
    workflowId: runId,
    workflowType: definition,
    version,
    status,
    startTime: new Date(createdAt).toISOString(),
    endTime: endedAt > 0 ? new Date(endedAt).toISOString() : null,
    reasonForIncompletion: reason || null,
    executionTime: endedAt > 0 ? endedAt - createdAt : 0,
  };
}
