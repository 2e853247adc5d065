import type { Command } from '../run/command.ts';
import type { RepairKind } from '../run/history-event.ts';
import type { TaskKey } from '../run/ids.ts';
import type { JsonObject } from '../run/json.ts';
import type { Operation } from '../run/operation.ts';
import type { Needs, Slice } from '../run/slice.ts';
import type { Plan } from '../plan/plan.ts';
import type { SizeLimits } from './size-limit.ts';

/** Why the decider is asked. */
export type DecideEvent =
  | { readonly type: 'start' }
  /** Something arrived, a timer is due, or somebody merely wants to be sure. */
  | { readonly type: 'look' }
  | { readonly type: 'operation'; readonly operation: Operation };

/**
 * Deliveries of one attempt before it counts as poison: the first, and 20 more. Less fails tasks in a rolling deploy;
 * more lets a killer task kill longer.
 */
export const MAX_DELIVERIES = 21;

/** Everything that a decision depends on. */
export interface DecideInput {
  readonly slice: Slice;
  readonly plan: Plan;
  readonly event: DecideEvent;
  /** Over how many partitions the runs that this one starts are spread. Absent: they stay in its own. */
  readonly partitions?: number;
  /** uint32; the only source of chance (jitter). */
  readonly seed: number;
  /** Deliveries after which an attempt is poison; for tasks that this decision reaches. Default {@link MAX_DELIVERIES}. */
  readonly maxDeliveries?: number;
  /** How large the run may grow. Default `SIZE_LIMITS`. */
  readonly sizeLimits?: SizeLimits;
  /** `${workflow.env}`: what the deciding process may show of its environment. Default: nothing. */
  readonly env?: JsonObject;
}

/** What is to change, in the order in which it is to be applied. */
export interface Decision {
  readonly commands: readonly Command[];
  /** Ask again at once: the step was bounded and more is waiting. */
  readonly hasMore: boolean;
  /** State was compared with itself. */
  readonly wasFull: boolean;
  /** Nothing changes but the dirty mark. */
  readonly isEmpty: boolean;
  /** What a full evaluation found apart and mended. */
  readonly repairs: readonly RepairKind[];
  /** Rows that it read as absent and does not put: no presumption of its commands covers them. */
  readonly absent: readonly TaskKey[];
}

/** What the decider answers. */
export type DecideResult =
  | { readonly type: 'decision'; readonly decision: Decision }
  /** The slice lacks something: read it and ask again with the larger slice. */
  | { readonly type: 'needs'; readonly needs: Needs }
  /** The operation is not legal in this state. */
  | {
      readonly type: 'refused';
      readonly code: RefusalCode;
      readonly reason: string;
      /** What the code's message names besides the run, its status and the operation. */
      readonly details: Readonly<Record<string, string | number>>;
    };

/** Why an operation is refused. */
export type RefusalCode =
  | 'JN_RUN_ENDED'
  | 'JN_RUN_NOT_ENDED'
  | 'JN_RUN_NOT_PAUSED'
  | 'JN_RUN_NOT_RESTARTABLE'
  | 'JN_RUN_COMPENSATED'
  | 'JN_RUN_NOTHING_TO_RETRY'
  | 'JN_TASK_NOT_FOUND'
  | 'JN_TASK_NOT_OPEN'
  | 'JN_TASK_NOT_SKIPPABLE'
  | 'JN_PAYLOAD_TOO_LARGE';
