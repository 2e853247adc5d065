import { type DecideInput, type DecideResult } from '@joinery/core';
import { reasonOf } from './deterministic-error.ts';
import { type Engine } from '../engine.ts';

/** Asks the decider; an error of its own comes back as what it is: one that would come again each time. */
export function tryDecide(
  engine: Engine,
  input: DecideInput,
): DecideResult | { readonly type: 'impossible'; readonly reason: string } {
  try {
    return engine.decide(input);
  } catch (error) {
    return { type: 'impossible', reason: reasonOf('decide', error) };
  }
}
