import {
  type decide,
  type Evaluation,
  type EvaluationResult,
  type JsonObject,
  type SecretLookup,
  type SizeLimits,
} from '@joinery/core';
import { type Clock, type Entropy, type Logger, type Metrics } from '@joinery/kit';
import { type EventQueue, type JobQueue } from '@joinery/queues';
import {
  type Agenda,
  type DefinitionStore,
  type EventLog,
  type Gates,
  type Nudges,
  type RunStore,
} from '@joinery/store';
import { type CrashPoint } from './crash-point.ts';
import { type EngineTunables } from './engine-tunables.ts';

/** The part of a lock provider that decisions use; every `LockProvider` of the store is one. */
export interface DecideLocks {
  /** Null: not granted within timeToTry, for whatever reason. Throws only for invalid options. */
  acquire(
    key: string,
    options: { readonly use: 'decide'; readonly timeToTryMs: number; readonly leaseMs: number },
  ): Promise<DecideLock | null>;
}

/** A granted lock. `release` never throws: false = it had been lost. */
export interface DecideLock {
  release(): Promise<boolean>;
}

/** Runs scripts where they can do no harm; the sandbox is one. */
export interface Evaluator {
  /** Resolves with what a script came to; rejects when it could not be run at all. */
  evaluate(evaluation: Evaluation): Promise<EvaluationResult>;
}

/** What events go through. */
export interface EventPorts {
  readonly log: EventLog;
  readonly queue: EventQueue;
}

/** What the verbs stand on. A process makes one of these and gives it to `createEngine`. */
export interface EnginePorts {
  readonly store: RunStore;
  readonly definitions: DefinitionStore;
  readonly queue: JobQueue;
  readonly nudges: Nudges;
  /** Limits of tasks. Default: in memory, for this engine alone. */
  readonly gates?: Gates;
  /** Circuit breakers. Default: in memory, for this engine alone. */
  readonly circuits?: Agenda;
  /** `fused`: the lock shares the run's slot and is taken and given back by the load and commit scripts. */
  readonly locks: DecideLocks | 'fused';
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Unique over all processes and restarts; names the actor in every history. */
  readonly processId: string;
  /** Asked at each use, so that a change is in force at once. Default: `defaultEngineTunables`. */
  readonly tunables?: () => EngineTunables;
  /** How often an attempt is delivered again before it is poison; for tasks that this process decides. Default 20. */
  readonly maxRedeliveries?: number;
  /** How large runs may grow that this process decides. Default `SIZE_LIMITS`. */
  readonly sizeLimits?: SizeLimits;
  /**
   * Runs the evaluation of one run in a process of its own, when it has ended this one's like before. Default: it is made
   * here, with nothing beside it.
   */
  readonly isolate?: (runId: string) => Promise<void>;
  /** What `${workflow.env}` shows: the part of the environment that workflows may see. Default: nothing. */
  readonly env?: JsonObject;
  /** Secrets that workers of this process may be handed; never stored. Default: none. */
  readonly secrets?: SecretLookup;
  /** Runs what decisions ask for. Without it, definitions with scripts are not decided by this process. */
  readonly evaluator?: Evaluator;
  /** Where events are published, and from where handlers get them. Without it, letters with events stay in their outboxes. */
  readonly events?: EventPorts;
  /** Tests pause or end a process at these places. */
  readonly crashPoint?: (point: CrashPoint) => void | Promise<void>;
  /** The decider. Default: core's. */
  readonly decide?: typeof decide;
}
