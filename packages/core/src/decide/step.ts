import type { TaskKey } from '../run/ids.ts';

/**
 * What is to be done next within one decision. Operators answer with steps instead of calling each other: the order
 * stays visible, nothing recurses, and a full decision can stop between two steps.
 */
export type Step =
  /** The flow reaches a task of the definition. Never dropped. */
  | { readonly type: 'enter'; readonly key: TaskKey }
  /** The flow reaches a branch that was made at run time. Never dropped. */
  | { readonly type: 'enter-branch'; readonly fork: TaskKey; readonly index: number }
  /** A branch of a fork that has only so many at a time is done with. Never dropped. */
  | { readonly type: 'slide'; readonly fork: TaskKey }
  /** The body of a loop has come to its end in this iteration. Never dropped. */
  | { readonly type: 'iterate'; readonly loop: TaskKey; readonly iteration: number }
  /** Something arrived at a join. Never dropped. */
  | { readonly type: 'judge'; readonly join: TaskKey }
  /** Take back what the next task has done, or end the run after the last. Never dropped. */
  | { readonly type: 'compensate' }
  /** Act on a terminal row. A full decision leaves it to the next one: the row is on the to-do list. */
  | { readonly type: 'settle'; readonly key: TaskKey };

/** Steps in the order in which they are to be taken, before all that were waiting already. */
export type Steps = readonly Step[];

/** Nothing follows. */
export const NO_STEPS: Steps = [];
