import type { PlanNode } from '../plan/plan.ts';
import type { Json } from '../run/json.ts';
import type { TaskRow } from '../run/task-row.ts';
import type { Draft } from './slices/draft.ts';
import type { Steps } from './step.ts';

/** What one task type does inside a decision. Types that are not in the table are run by workers. */
export interface Operator {
  /** The flow has reached the task: make its row and say what follows at once. */
  enter(draft: Draft, node: PlanNode): Steps;
  /** Act on a successful terminal row in another way than "arrive and go on" (forks expand, switches choose). */
  goOn?(draft: Draft, node: PlanNode, row: TaskRow): Steps;
  /** Its `wait` timer is due. */
  onWait?(draft: Draft, row: TaskRow): Steps;
  /** It is carried out by somebody else, and perhaps several times. Without it a failure is final. */
  readonly attempts?: Attempts;
}

/** How the attempts of a task are made. */
export interface Attempts {
  /** The input of the next attempt, or why there can be none. */
  input(draft: Draft, node: PlanNode): AttemptInput;
  /** Give the attempt to whoever carries it out. */
  handOver(draft: Draft, row: TaskRow, isFresh: boolean): void;
}

/** The input of an attempt. */
export type AttemptInput =
  | {
      readonly ok: true;
      readonly value: Json;
      /** The type of worker that takes it, where the definition does not say. */
      readonly name?: string;
    }
  | { readonly ok: false; readonly reason: string };
