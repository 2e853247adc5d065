import { type RunState } from '@joinery/core';
import { Dice } from './dice.ts';
import { type Family, type PooledDefinition, poolOf } from './definition-pool.ts';
import { DELAYING, drawFaults, type Fault, FAULT_KINDS } from './fault.ts';

/**
 * How decisions are locked: in the scripts, by a lock that stands apart, by one that grants everybody, by one that
 * grants nobody.
 */
export const LOCK_MODES = ['fused', 'apart', 'lying', 'never'] as const;
/** One of {@link LOCK_MODES}. */
export type LockMode = (typeof LOCK_MODES)[number];

/**
 * What is wrong for good, so that no repetition helps: every worker that takes a task of one type is never heard of
 * again; the decider throws; every evaluation ends its process; the evaluations of one run do, with all that its
 * process is about besides.
 */
export const ILLNESSES = [
  'deadly-task',
  'broken-decider',
  'deadly-evaluation',
  'deadly-run',
] as const;
/** One of {@link ILLNESSES}. */
export type Illness = (typeof ILLNESSES)[number];

/** What an operator may ask of a run that goes on. */
const DURING = [
  'pause',
  'pause',
  'resume',
  'terminate',
  'repair',
  'explain',
  'skip',
  'set-variables',
  'update-task',
] as const;
/** What opens a run again that has ended. */
const AFTER_END = ['retry', 'restart', 'rerun'] as const;

/** What an operator does to a run; `pause` is followed by a resume, and what opens runs again waits for their end. */
export interface PlannedOperation {
  readonly runIndex: number;
  readonly type: (typeof DURING)[number] | (typeof AFTER_END)[number];
  readonly afterMs: number;
  /** A number from which the operation takes what it needs: which task. */
  readonly amount: number;
}

/** Everything that a simulation depends on. Data: a failing one is made smaller and shown. */
export interface Scenario {
  readonly seed: number;
  /** Chance of the steps' order; apart from `seed`, so that a smaller scenario keeps it. */
  readonly orderSeed: number;
  readonly family: Family;
  readonly definition: PooledDefinition;
  readonly runs: number;
  readonly partitions: number;
  readonly workers: number;
  readonly coordinators: number;
  readonly lock: LockMode;
  readonly faults: readonly Fault[];
  readonly operations: readonly PlannedOperation[];
  /** Percent of handlers that work for longer than a lease. */
  readonly slowHandlers: number;
  /** Percent of attempts that fail. */
  readonly failures: number;
  readonly illness: Illness | null;
  /** Runs are removed at the end, and the store must be empty. */
  readonly isPurged: boolean;
  /** Coordinators must read the pinned definition first. */
  readonly isCold: boolean;
}

/** What a seed may be drawn from. */
export interface ScenarioOptions {
  /** Default: any. */
  readonly family?: Family;
  /** Default: any number. 0 shows what a healthy system does. */
  readonly faults?: number;
}

/** The scenario of a seed: the same one for ever, under the same options. */
export function drawScenario(seed: number, options: ScenarioOptions = {}): Scenario {
  const dice = new Dice(seed * 0x9e3779b1 + 0x7f4a7c15);
  const family = options.family ?? drawFamily(dice);
  const runs =
    family === 'limited' ? 2 + dice.below(3) : 1 + dice.below(family === 'small' ? 4 : 2);
  const faults = options.faults ?? (dice.chance(15) ? 0 : 1 + dice.below(4 + 2 * runs));
  const kinds = FAULT_KINDS.filter((kind) => family !== 'timed' || !DELAYING.has(kind));
  const definition = dice.pick(poolOf(family, seed));
  return {
    seed,
    orderSeed: dice.next(),
    family,
    definition,
    runs,
    partitions: 1 + dice.below(2),
    workers: 1 + dice.below(3),
    coordinators: 1 + dice.below(2),
    lock: dice.chance(55) ? 'fused' : dice.pick(LOCK_MODES),
    faults: drawFaults(dice, { count: faults, steps: 60 + 50 * runs, kinds }),
    operations: family === 'timed' ? [] : drawOperations(dice, runs, family),
    slowHandlers: dice.chance(25) ? 35 : 0,
    failures: dice.chance(50) ? 0 : 18,
    isPurged: dice.chance(10),
    isCold: dice.chance(10),
    illness: faults > 0 && family !== 'timed' && dice.chance(4) ? dice.pick(ILLNESSES) : null,
  };
}

function drawFamily(dice: Dice): Family {
  const draw = dice.below(100);
  if (draw < 50) return 'small';
  if (draw < 64) return 'plain';
  if (draw < 76) return 'rich';
  if (draw < 86) return 'timed';
  return draw < 94 ? 'operated' : 'limited';
}

function drawOperations(dice: Dice, runs: number, family: Family): readonly PlannedOperation[] {
  const isOperated = family === 'operated';
  if (!isOperated && !dice.chance(25)) return [];
  return Array.from({ length: 1 + dice.below(isOperated ? 4 : 2) }, () => ({
    runIndex: dice.below(runs),
    type: isOperated && dice.chance(60) ? dice.pick(AFTER_END) : dice.pick(DURING),
    afterMs: dice.below(120),
    amount: dice.next(),
  }));
}

/** True for an operation that opens a run again. */
export function isReopening({ type }: PlannedOperation): boolean {
  return AFTER_END.some((each) => each === type);
}

/** Idempotency key of the start of this number. */
export function startKeyOf(index: number): string {
  return `start-${index}`;
}

/** True for the run whose evaluations end their processes: that of the first start. */
export function isDeadly({ illness }: Scenario, run: Pick<RunState, 'idempotencyKey'>): boolean {
  return illness === 'deadly-run' && run.idempotencyKey === startKeyOf(0);
}

/** Operations that the reference model knows nothing of. */
const UNFORESEEN: ReadonlySet<PlannedOperation['type']> = new Set([
  'terminate',
  'skip',
  'update-task',
]);

/** True when the reference model can say how this run ends. */
export function isPredictable(scenario: Scenario, run: Pick<RunState, 'idempotencyKey'>): boolean {
  const { operations, illness, failures, definition } = scenario;
  // What was tried again has other attempts than the model counts; where all succeed, that is all there is to it.
  if (operations.some(isReopening) && (failures > 0 || definition.hasChildren)) return false;
  if (illness === 'broken-decider' || illness === 'deadly-evaluation') return false;
  if (isDeadly(scenario, run)) return false;
  return operations.every(({ type }) => !UNFORESEEN.has(type));
}

/** Who stands still between its place and its claim comes too late for the place; a power cut brings claims back. */
const UNLIMITED: ReadonlySet<Fault['kind']> = new Set(['pause', 'power-cut']);

/** True when no more tasks may be at work at a time than their limits say. */
export function holdsLimits({ family, faults }: Scenario): boolean {
  return family === 'limited' && faults.every(({ kind }) => !UNLIMITED.has(kind));
}

/** True when nothing goes wrong: then nothing may need to be repaired, either. Silent workers are wrong enough. */
export function isHealthy({ faults, lock, operations, family, illness }: Scenario): boolean {
  return (
    illness === null &&
    family !== 'timed' &&
    faults.length === 0 &&
    lock !== 'never' &&
    operations.length === 0
  );
}
