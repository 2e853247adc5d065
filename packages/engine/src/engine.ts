import { decide, SIZE_LIMITS } from '@joinery/core';
import { type Timers } from '@joinery/kit';
import {
  createMemoryAgenda,
  createMemoryGates,
  type FusedLock,
  type Gates,
  type LockObserver,
} from '@joinery/store';
import { Circuits } from './circuits/circuits.ts';
import { createEngineMeters, type EngineMeters } from './engine-meters.ts';
import { type EnginePorts } from './engine-ports.ts';
import { defaultEngineTunables, type EngineTunables } from './engine-tunables.ts';
import { EvaluationGate } from './decisions/evaluation-gate.ts';
import { EvaluationWatch } from './decisions/evaluation-watch.ts';
import { createLockMetrics } from './decisions/lock-metrics.ts';
import { LockMisses } from './decisions/lock-misses.ts';
import { SizeWatch } from './decisions/size-watch.ts';
import { PlanCache } from './definitions/plan-cache.ts';
import { PreparedDefinitions } from './definitions/prepared-definitions.ts';
import { SentMarks } from './letters/sent-marks.ts';

/** The ports with the memories of this process beside them. Every memory may be lost at any time: it only saves work. */
export interface Engine extends EnginePorts {
  readonly decide: typeof decide;
  readonly gates: Gates;
  readonly breakers: Circuits;
  readonly sizeWatch: SizeWatch;
  readonly tunables: () => EngineTunables;
  readonly plans: PlanCache;
  readonly prepared: PreparedDefinitions;
  readonly sentMarks: SentMarks;
  readonly lockMisses: LockMisses;
  readonly evaluations: EvaluationWatch;
  readonly evaluationGate: EvaluationGate;
  readonly meters: EngineMeters;
  /** Where locks are counted, fused ones and those that stand apart. */
  readonly lockMetrics: LockObserver;
  /** What this process writes into a fused lock: its own lock never stands in its way. */
  readonly lockToken: string;
  /** Name of a verb of this process, for histories. */
  actor(verb: string): string;
  /** Flushes what is buffered. The ports stay open: they are not ours. */
  close(): Promise<void>;
}

/** Puts the verbs' memories beside the ports. `timers` are for the buffer of sent marks. */
export function createEngine(ports: EnginePorts, timers?: Timers): Engine {
  const { store, clock, logger, entropy } = ports;
  const meters = createEngineMeters(ports.metrics);
  const actor = (verb: string): string => `${ports.processId}/${verb}`;
  const circuits = ports.circuits ?? createMemoryAgenda({ now: () => clock.now() });
  const sentMarks = new SentMarks({ store, logger, ...(timers ? { timers } : {}) });
  return {
    ...ports,
    gates: ports.gates ?? createMemoryGates({ now: () => clock.now() }),
    decide: deciderOf(ports),
    tunables: ports.tunables ?? (() => defaultEngineTunables),
    plans: new PlanCache(ports.definitions),
    prepared: new PreparedDefinitions(),
    sentMarks,
    lockMisses: new LockMisses(clock),
    evaluations: new EvaluationWatch(clock),
    evaluationGate: new EvaluationGate(),
    breakers: new Circuits({ circuits, clock, entropy, logger, meters, actor: actor('circuit') }),
    sizeWatch: new SizeWatch({ limits: ports.sizeLimits ?? SIZE_LIMITS, logger, meters }),
    meters,
    lockMetrics: createLockMetrics(ports.metrics, logger),
    lockToken: Array.from({ length: 4 }, () => hex32(entropy.seed())).join(''),
    actor,
    close: () => sentMarks.close(),
  };
}

/** The decider with the limits of this process and the spread of its store. */
function deciderOf(ports: EnginePorts): typeof decide {
  const { decide: decider = decide, maxRedeliveries, sizeLimits, store, env } = ports;
  const always = {
    partitions: store.partitions,
    ...(env !== undefined && { env }),
    ...(sizeLimits !== undefined && { sizeLimits }),
    ...(maxRedeliveries !== undefined && { maxDeliveries: maxRedeliveries + 1 }),
  };
  return (input) => decider({ ...always, ...input });
}

/** The fused lock as this process asks for it now; null where locks stand apart. */
export function fusedLockOf(engine: Engine): FusedLock | null {
  if (engine.locks !== 'fused') return null;
  const { leaseMs, overtakeAfterMs } = engine.tunables();
  return { token: engine.lockToken, leaseMs, overtakeAfterMs };
}

// Four of them are 32 hex digits: the format of the Redlock library's tokens.
function hex32(seed: number): string {
  return seed.toString(16).padStart(8, '0');
}
