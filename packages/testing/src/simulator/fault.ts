import { type Dice } from './dice.ts';

/** What hits whoever makes the step; `…-after`: the call has had its effect, and the reply is lost. */
export const CALL_FAULTS = [
  'crash-before',
  'crash-after',
  'error-before',
  'error-after',
  'resend',
  'pause',
] as const;
/** One of {@link CALL_FAULTS}. */
export type CallFaultKind = (typeof CALL_FAULTS)[number];

/**
 * What hits everybody. `stall-jobs`: jobs that workers hold are given to others as well. `repeat-letters`: letters that
 * are not acknowledged are delivered by somebody else as well, the last one first. `power-cut` takes the last writes of
 * one partition.
 */
export const WORLD_FAULTS = [
  'lose-job',
  'double-job',
  'reorder-jobs',
  'stall-jobs',
  'lose-nudge',
  'double-nudge',
  'repeat-letters',
  'forget-queues',
  'power-cut',
] as const;
/** One of {@link WORLD_FAULTS}. */
export type WorldFaultKind = (typeof WORLD_FAULTS)[number];

/** Everything that can go wrong at a step. */
export const FAULT_KINDS = [...CALL_FAULTS, ...WORLD_FAULTS] as const;
/** One of {@link FAULT_KINDS}. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One thing that goes wrong. Data, so that a failing scenario can be made smaller. */
export interface Fault {
  /** Number of the step that it hits, from 0. */
  readonly step: number;
  readonly kind: FaultKind;
  /** A number from which the fault takes what it needs: how long, how much, which. */
  readonly amount: number;
}

/** Faults after which a run may take another way than its definition says, because moments have passed. */
export const DELAYING: ReadonlySet<FaultKind> = new Set([
  'crash-before',
  'crash-after',
  'error-before',
  'error-after',
  'pause',
  'lose-job',
  'forget-queues',
  'power-cut',
]);

/** Faults of these kinds, anywhere in the first steps, in their order; no two in one step. */
export function drawFaults(
  dice: Dice,
  limits: {
    readonly count: number;
    readonly steps: number;
    readonly kinds: readonly FaultKind[];
  },
): readonly Fault[] {
  const byStep = new Map<number, Fault>();
  for (let index = 0; index < limits.count; index += 1) {
    const step = dice.below(limits.steps);
    byStep.set(step, { step, kind: dice.pick(limits.kinds), amount: dice.next() });
  }
  return [...byStep.values()].toSorted((a, b) => a.step - b.step);
}
