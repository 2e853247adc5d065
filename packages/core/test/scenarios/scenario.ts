import type { EvaluationResult, Json, JsonObject, OutcomeStatus } from '@joinery/core';
import { operator } from '../flow.ts';

/** What a worker, the time or an operator does next. `kill` fails a task for good; `pass` takes milliseconds. */
export type Act =
  | `${'finish' | 'fail' | 'kill' | 'claim' | 'rerun' | 'skip'} ${string}`
  | `pass ${number}`
  | `child ${string} ${OutcomeStatus}`
  | 'pause'
  | 'resume'
  | 'terminate'
  | 'retry'
  | 'restart'
  | { readonly finish: string; readonly output: JsonObject }
  | { readonly refused: string; readonly act: Act };

/**
 * A run, told as data. What is expected stands as words: one per row in the order in which the rows were made, a key
 * alone for a task that is COMPLETED and `key:STATUS` for any other. An attempt that is tried again is a new row.
 */
export interface Scenario {
  readonly name: string;
  readonly tasks: readonly Json[];
  readonly workflow?: JsonObject;
  readonly input?: JsonObject;
  /** Results of scripts by their text: the sandbox is no part of the core. */
  readonly scripts?: Readonly<Record<string, EvaluationResult>>;
  /** It carries out a task of another run, and tells that run of its end. */
  readonly isChild?: boolean;
  readonly acts: readonly Act[];
  readonly rows: string;
  readonly status: 'RUNNING' | 'PAUSED' | 'COMPLETED' | 'FAILED' | 'TIMED_OUT' | 'TERMINATED';
  /** A part of the run's reason. */
  readonly reason?: string;
  readonly output?: JsonObject;
}

/** A definition that is refused, and by which code. */
export interface Refusal {
  readonly name: string;
  readonly tasks: readonly Json[];
  readonly code: string;
}

/** A loop of so many iterations. */
export function loop(
  ref: string,
  times: number,
  loopOver: readonly Json[],
  more: JsonObject = {},
): JsonObject {
  return operator('DO_WHILE', ref, {
    inputParameters: { times },
    loopCondition: `if ($.${ref}['iteration'] < $.times) { true; } else { false; }`,
    loopOver,
    ...more,
  });
}

/** A loop over what the run's input `items` holds. */
export function over(ref: string, loopOver: readonly Json[], more: JsonObject = {}): JsonObject {
  return operator('DO_WHILE', ref, {
    items: '${workflow.input.items}',
    loopCondition: '',
    loopOver,
    ...more,
  });
}

/** A dynamic fork over a list of inputs, with its join; the branches are `_<ref>_w_<index>`. */
export function dynamic(
  ref: string,
  forkTaskInputs: Json,
  more: JsonObject = {},
): readonly JsonObject[] {
  const inputParameters = { forkTaskName: 'w', forkTaskInputs };
  return [
    operator('FORK_JOIN_DYNAMIC', ref, { inputParameters, ...more }),
    operator('JOIN', `${ref}_join`),
  ];
}

/** A task that a run of its own carries out. */
export function sub(ref: string, more: JsonObject = {}): JsonObject {
  return operator('SUB_WORKFLOW', ref, { subWorkflowParam: { name: 'child' }, ...more });
}

/** A TERMINATE with this status. */
export function end(ref: string, terminationStatus: string): JsonObject {
  return operator('TERMINATE', ref, { inputParameters: { terminationStatus } });
}
