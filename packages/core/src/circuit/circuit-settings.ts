import { z } from 'zod';
import { conductorObject, requiredText, wholeNumber } from '../definition/conductor-object.ts';

/** What is done with a task whose target is not to be called now. */
export type OpenPolicy = 'WAIT' | 'FAIL';

/** The circuit breaker of a task definition, as it is written. Not in Conductor. */
export interface CircuitBreakerDef {
  /** What is called: tasks of all definitions with the same target share one breaker. Default: the definition's name. */
  readonly target?: string;
  /** It opens when so many of a hundred calls of a window have failed. 1-100, default 50. */
  readonly failurePercent: number;
  /** Fewer calls in a window say nothing. Default 10. */
  readonly minCalls: number;
  readonly windowSeconds: number;
  /** For how long nobody calls, once it is open. Default 30. */
  readonly openSeconds: number;
  /** How many may then try, at most; when so many have succeeded it closes. Default 1. */
  readonly probes: number;
  /** WAIT (default): the attempt is put off. FAIL: it ends at once, and is not tried again. */
  readonly whenOpen: OpenPolicy;
}

/** Schema of {@link CircuitBreakerDef}. The bounds keep a breaker's state small and its waits finite. */
export const circuitBreakerSchema: z.ZodType<CircuitBreakerDef> = conductorObject({
  target: requiredText.exactOptional(),
  failurePercent: wholeNumber(1).max(100).default(50),
  minCalls: wholeNumber(1).default(10),
  windowSeconds: wholeNumber(1).max(86_400).default(60),
  openSeconds: wholeNumber(1).max(86_400).default(30),
  probes: wholeNumber(1).max(100).default(1),
  whenOpen: z.enum(['WAIT', 'FAIL']).default('WAIT'),
});

/** The rules of one breaker, as attempts carry them. */
export interface CircuitSettings {
  readonly failurePercent: number;
  readonly minCalls: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly probes: number;
}

/** What an attempt calls, and what is done while it is not to be called. */
export interface TaskCircuit extends CircuitSettings {
  readonly target: string;
  readonly whenOpen: OpenPolicy;
}

/** The breaker of an attempt whose target this is. */
export function circuitOf(def: CircuitBreakerDef, target: string): TaskCircuit {
  const { failurePercent, minCalls, windowSeconds, openSeconds, probes, whenOpen } = def;
  const times = { windowMs: windowSeconds * 1_000, openMs: openSeconds * 1_000 };
  return { target, failurePercent, minCalls, ...times, probes, whenOpen };
}
