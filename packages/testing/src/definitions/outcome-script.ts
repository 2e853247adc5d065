import { randomFrom, type JsonObject, type OutcomeStatus, type ResultStatus } from '@joinery/core';

/** What a worker makes of one attempt: a result, or `SILENT`: it takes the attempt and is never heard of again. */
export interface Outcome {
  readonly status: ResultStatus | 'SILENT';
  readonly output: JsonObject;
}

/** What comes of every attempt of every worker task: a pure function, so that nothing needs to be written down. */
export type OutcomeScript = (ref: string, attempt: number) => Outcome;

/** How often things go wrong; each in parts of 100. */
export interface OutcomeOdds {
  readonly failed: number;
  readonly hopeless: number;
  readonly silent: number;
}

const MOSTLY_WELL: OutcomeOdds = { failed: 18, hopeless: 2, silent: 18 };

/** A script that follows from its seed. The output names the task and the attempt; about one in eight is empty. */
export function outcomeScript(seed: number, odds: OutcomeOdds = MOSTLY_WELL): OutcomeScript {
  return (ref, attempt) => {
    const chance = 100 * randomFrom(hash(`${ref}/${attempt}`, seed));
    const isEmpty = randomFrom(hash(`${ref}#`, seed)) < 0.125;
    return {
      status: statusOf(chance, odds),
      output: isEmpty ? {} : { ref, attempt },
    };
  };
}

/** What a run that behaves like this worker means for the task that waits for it. */
export function childStatusOf(status: Outcome['status']): OutcomeStatus {
  if (status === 'SILENT') return 'CANCELED';
  return status === 'FAILED_WITH_TERMINAL_ERROR' ? 'TIMED_OUT' : status;
}

function statusOf(chance: number, { failed, hopeless, silent }: OutcomeOdds): Outcome['status'] {
  if (chance < failed) return 'FAILED';
  if (chance < failed + hopeless) return 'FAILED_WITH_TERMINAL_ERROR';
  return chance < failed + hopeless + silent ? 'SILENT' : 'COMPLETED';
}

function hash(text: string, seed: number): number {
  let value = seed | 0;
  for (let i = 0; i < text.length; i += 1) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) ^ (value >>> 13);
  }
  return value >>> 0;
}
