import { alone } from './alone.ts';
import { degenerateInputs } from './degenerate-inputs.ts';
import { failures } from './failures.ts';
import { nestings } from './nestings.ts';
import { operations } from './operations.ts';
import { resets } from './resets.ts';
import { retries } from './retries.ts';
import type { Scenario } from './scenario.ts';
import { timeOuts } from './time-outs.ts';

/** Every scenario of the language, by what it is about. */
export const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  alone,
  'degenerate inputs': degenerateInputs,
  failures,
  nestings,
  operations,
  resets,
  retries,
  'time-outs': timeOuts,
};
