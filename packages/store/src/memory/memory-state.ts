import { joineryError, partitionOf, type RunId, type RunStatus } from '@joinery/core';
import type { MemoryRun } from './memory-run.ts';

/** How long the record of an ended run is kept, in ms from its end. */
export interface Retention {
  readonly completedMs: number;
  readonly otherMs: number;
}

/** The bounds by which attention is derived. */
export interface MemoryBounds {
  readonly maxSweepAgeMs: number;
  readonly fullDecideIntervalMs: number;
  readonly calmDecideIntervalMs: number;
  readonly retention: Retention;
}

/** One partition: its runs and its indexes over them. Scores are moments. */
export interface MemoryPartition {
  readonly runs: Map<RunId, MemoryRun>;
  readonly attention: Map<RunId, number>;
  readonly unsent: Map<UnsentId, number>;
  readonly expiry: Map<RunId, number>;
  /** Version at which the status changed last; Infinity = the run is gone. */
  readonly moved: Map<RunId, number>;
  /** By definition and idempotency key. */
  readonly idempotency: Map<string, KeyOwner>;
  /** Now at the last take; null = there was none. */
  takenAt: number | null;
  /** When all runs were compared with attention last; null = never. */
  auditedAt: number | null;
}

/** The run that owns an idempotency key, and after its purge how it ended. */
export interface KeyOwner {
  readonly runId: RunId;
  readonly purged: { readonly status: RunStatus; readonly knownUntil: number } | null;
}

/** A letter in the index of unsent ones: `<run id> <letter id>`. */
export type UnsentId = `${RunId} ${string}`;

/** Everything, as a list of partitions. */
export type MemoryState = readonly MemoryPartition[];

/** What one step works on: the whole state, and the one moment at which the step happens. */
export interface Step {
  readonly state: MemoryState;
  readonly bounds: MemoryBounds;
  readonly now: number;
}

/** An empty state. */
export function emptyState(partitions: number): MemoryState {
  return Array.from({ length: partitions }, () => ({
    runs: new Map(),
    attention: new Map(),
    unsent: new Map(),
    expiry: new Map(),
    moved: new Map(),
    idempotency: new Map(),
    takenAt: null,
    auditedAt: null,
  }));
}

/** A partition by its number. */
export function partitionAt({ state }: Pick<Step, 'state'>, index: number): MemoryPartition {
  const partition = state[index];
  if (partition !== undefined) return partition;
  throw joineryError('JN_INVARIANT_BROKEN', {
    what: `partition < ${state.length}`,
    problem: `partition ${index} was asked for`,
  });
}

/** The partition that a run's id names. */
export function partitionOfRun(step: Pick<Step, 'state'>, runId: RunId): MemoryPartition {
  return partitionAt(step, partitionOf(runId));
}

/** A run; undefined when it does not exist or is purged. */
export function findRun(step: Pick<Step, 'state'>, runId: RunId): MemoryRun | undefined {
  return partitionOfRun(step, runId).runs.get(runId);
}

/** Name a letter in the index of unsent ones. */
export function unsentIdOf(runId: RunId, letterId: string): UnsentId {
  return `${runId} ${letterId}`;
}
