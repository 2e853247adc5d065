import type { TaskCircuit } from '../circuit/circuit-settings.ts';
import type { TaskKey } from './ids.ts';
import type { TaskStatus } from './status.ts';

/** What may keep an attempt from being carried out now, over all runs. 0 = no limit of that kind. */
export interface TaskLimits {
  /** Name of the task definition: what is counted together. */
  readonly gate: string;
  /** At a time. */
  readonly max: number;
  /** Starts in any window of `perMs`. */
  readonly rate: number;
  readonly perMs: number;
  /** At a time, of those with this concurrency key; '' = it has none. */
  readonly key: string;
  readonly keyMax: number;
  /** The breaker of what the task calls. Absent: it has none. */
  readonly circuit?: TaskCircuit;
}

/** True when an attempt needs a place at a gate; one that only has a breaker needs none. */
export function isGated({ max, rate, key }: Pick<TaskLimits, 'max' | 'rate' | 'key'>): boolean {
  return max > 0 || rate > 0 || key !== '';
}

/**
 * One task of a run: the current attempt of one task key. Earlier attempts are kept beside it.
 * The store changes what concerns deliveries (claim, beat, completion, redelivery); the decider all else.
 */
export interface TaskRow {
  readonly key: TaskKey;
  readonly ref: string;
  /** Iteration of the enclosing loop, from 1; 0 outside of loops. */
  readonly iteration: number;
  /** Operator or worker type of the definition (`SIMPLE`, `JOIN`, …). */
  readonly type: string;
  /** Task definition name. */
  readonly name: string;
  /** The type of worker that takes it, where that is not the name: of all but SIMPLE tasks the type (Conductor 3.30). */
  readonly queue?: string;
  /** Order of creation within the run, from 1; a retry gets a new one. */
  readonly seq: number;
  readonly status: TaskStatus;
  /** Task attempt, from 1; grows by retries alone. */
  readonly attempt: number;
  /** Number of the last dispatch; grows over all attempts of the key; 0 = none yet. */
  readonly dispatch: number;
  /** How often this attempt was handed over to a worker. */
  readonly deliveries: number;
  /** Deliveries after which the attempt is poison. */
  readonly maxDeliveries: number;
  /** Grows with each change of the row; a commit names the one it presumes. Given by the store. */
  readonly rev: number;
  /** Token of the current delivery; empty while nobody has claimed it. Of a task that a run carries out: that run's id. */
  readonly token: string;
  readonly worker: string;
  /** The decider has acted on the terminal status: retried, gone on, or ended the run. */
  readonly isSettled: boolean;
  /** Success needs no successor: only a join, or the end of the run, can follow from it. */
  readonly isTail: boolean;
  /** Joins that wait for this key, each with the number of arrivals below which a success changes nothing there. */
  readonly joins: Readonly<Record<string, number>>;
  readonly isOptional: boolean;
  readonly isPermissive: boolean;
  /** 0-99, higher first. */
  readonly priority: number;
  /** Armed by the store when the attempt is claimed; 0 = none. */
  readonly timeoutMs: number;
  readonly responseTimeoutMs: number;
  /** Armed by the decider's command when the attempt is dispatched; kept here for repairs. 0 = none. */
  readonly pollTimeoutMs: number;
  /** For a fork or a loop: how far its expansion has come. */
  readonly cursor: number;
  /** For a task made at run time: the fork that holds its definition, and the place in its list. */
  readonly origin: { readonly fork: TaskKey; readonly index: number } | null;
  /** Attempts that count no longer: a reset has begun the task anew, with all of its retries. Absent: none. */
  readonly attemptsBefore?: number;
  /** How often a fork or a loop was tried again as one unit. Absent: never. */
  readonly groupTries?: number;
  /** Its input was given by an operator: retries take it as it is. */
  readonly hasGivenInput?: boolean;
  /**
   * The decider takes the row for absent. `reset`: what is left of a task that was taken back; a later attempt takes its
   * place when the flow comes by. `retry`: the same of one that had failed, and that people still see. `skip`: the wish that the task be skipped then. A shadow is settled, always.
   */
  readonly shadow?: 'reset' | 'retry' | 'skip';
  readonly reason: string;
  /** ms since epoch by the store's clock; 0 = not yet. */
  readonly scheduledAt: number;
  readonly firstScheduledAt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent: nothing limits it. */
  readonly limits?: TaskLimits;
}

/** The type of worker that takes a task, and so its queue. */
export function workerTypeOf({ queue, name }: Pick<TaskRow, 'queue' | 'name'>): string {
  return queue ?? name;
}
