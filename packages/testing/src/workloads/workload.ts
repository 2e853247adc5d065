import { type JsonObject } from '@joinery/core';
import { z } from 'zod';

/** The task type of every step of a workload: one queue serves them all. */
export const STEP_TASK = 'workload_step';

/** Answers with its input. */
export const ECHO_TASK = 'workload_echo';
/** Comes to what a script of outcomes says of it. */
export const SCRIPTED_TASK = 'workload_scripted';
/** The task type of steps that have one of many queues. */
export function queueTaskOf(index: number): string {
  return `${STEP_TASK}_${index}`;
}
/** Does harm to its worker, as its input says. */
export const HARM_TASK = 'workload_harm';

/** A definition whose every output can be computed without an engine. */
export interface Workload {
  readonly name: string;
  readonly definition: JsonObject;
  /** What a run is started with. */
  input(seed: number): JsonObject;
  /** Each step with the steps whose values it takes, in an order in which they can be computed. */
  readonly steps: ReadonlyMap<string, readonly string[]>;
  /** Each join with the steps that it waits for. */
  readonly joins: ReadonlyMap<string, readonly string[]>;
  /** Attempts that a task of it may have. Default 1. */
  readonly maxAttempts?: number;
}

/** Reads what a step's handler is given. */
export const stepInputSchema = z.object({
  ref: z.string(),
  seed: z.number(),
  from: z.array(z.number()),
});

/** What a step's handler is given. */
export type StepInput = Readonly<z.infer<typeof stepInputSchema>>;

/** What a step comes to: FNV-1a over all that it was given, so that a wrong, lost or swapped input shows at the end. */
export function stepValue({ ref, seed, from }: StepInput): number {
  let hash = 0x811c9dc5;
  const text = `${ref}|${seed}|${from.join(',')}`;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** What every step of a run with this seed must have come to. */
export function expectedValues(workload: Workload, seed: number): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const [ref, from] of workload.steps) {
    const inputs = from.map((each) => values.get(each) ?? Number.NaN);
    values.set(ref, stepValue({ ref, seed, from: inputs }));
  }
  return values;
}
