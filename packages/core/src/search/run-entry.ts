import type { RunId } from '../run/ids.ts';
import type { RunState } from '../run/run-state.ts';
import type { RunStatus } from '../run/status.ts';

/** What searches know of a run: nothing but what follows from its record. Moments are ms since epoch, 0 = not yet. */
export interface RunEntry {
  readonly runId: RunId;
  readonly definition: string;
  readonly definitionVersion: number;
  readonly status: RunStatus;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  /** The run that waits for this one; empty = none. */
  readonly parentId: string;
  readonly priority: number;
  readonly createdAt: number;
  /** Of the last change of the status, or later. */
  readonly updatedAt: number;
  readonly endedAt: number;
  readonly reason: string;
}

/** The entry of a run as it is. */
export function runEntryOf(run: RunState): RunEntry {
  const { id: runId, parent, ...rest } = run;
  const { definition, definitionVersion, status, correlationId, idempotencyKey } = rest;
  const { priority, createdAt, updatedAt, endedAt, reason } = rest;
  return {
    runId,
    definition,
    definitionVersion,
    status,
    correlationId,
    idempotencyKey,
    parentId: parent?.runId ?? '',
    priority,
    createdAt,
    updatedAt,
    endedAt,
    reason,
  };
}
