import type { TaskDef } from '../definition/task-def.ts';
import type { WorkflowDef } from '../definition/workflow-def.ts';
import type { WorkflowTask } from '../definition/workflow-task.ts';
import type { StateListener } from '../definition/state-change.ts';
import type { Condition } from '../expressions/condition.ts';
import type { Read } from '../expressions/text-expression.ts';
import type { TaskKey } from '../run/ids.ts';
import type { JsonObject } from '../run/json.ts';

/** The sequence in which a task stands. */
export type Frame =
  | { readonly kind: 'root' }
  | { readonly kind: 'branch'; readonly fork: string; readonly index: number }
  /** `case` null = the default case. */
  | { readonly kind: 'case'; readonly switch: string; readonly case: string | null }
  | { readonly kind: 'body'; readonly loop: string }
  /** Takes back what that task has done. */
  | { readonly kind: 'compensation'; readonly of: string };

/** Where something stands among loops, outermost first: the loops around it, and the iteration of each. */
export interface Place {
  readonly loops: readonly string[];
  readonly iterations: readonly number[];
  /** The task whose template is read there; absent at the end of the run. */
  readonly key?: TaskKey;
}

/** One task of a definition, with all that a decision wants to know of its place. */
export interface PlanNode extends Place {
  readonly ref: string;
  /** Its key in its iterations. A node of the plan has none of these yet: see `nodeAt`. */
  readonly key: TaskKey;
  readonly type: string;
  readonly task: WorkflowTask;
  readonly taskDef: TaskDef;
  /** Next sibling in its sequence. */
  readonly next: string | null;
  readonly frame: Frame;
  /** JOINs that name it. */
  readonly joins: readonly string[];
  /** Last of a branch: its success has no successor. */
  readonly isTail: boolean;
  /** Its parameters over the template of its task definition. */
  readonly inputParameters: JsonObject;
  /** What a SUB_WORKFLOW says of its child, as far as it may hold expressions; empty for all others. */
  readonly childParameters: JsonObject;
  /** What its parameters read. */
  readonly reads: readonly Read[];
  /** First task of each branch of a fork; null = an empty branch. */
  readonly branches: readonly (string | null)[];
  /** First task of each case of a switch; null = an empty case. */
  readonly cases: ReadonlyMap<string, string | null>;
  readonly defaultCase: string | null;
  /** First task of a loop's body. */
  readonly body: string | null;
  /** When a loop goes on; null = while there are items. */
  readonly condition: Condition | null;
  /** Events that are published when it comes to a state. */
  readonly listeners: readonly StateListener[];
  /** The JOIN after a fork. */
  readonly join: string | null;
  /** For a JOIN after a dynamic fork: that fork. */
  readonly dynamicFork: string | null;
  /** The task that takes back its effect. */
  readonly compensation: string | null;
  /** For a task made at run time: its fork and its place there; its input is at hand, not a template. */
  readonly origin: { readonly fork: TaskKey; readonly index: number } | null;
  /** How many tasks its join waits for, where the definition does not say (tasks made at run time). */
  readonly joinWidth?: number;
}

/** A definition made ready for decisions: immutable, shared by all runs that are pinned to it. */
export interface Plan {
  readonly definition: WorkflowDef;
  readonly first: string;
  readonly nodes: ReadonlyMap<string, PlanNode>;
  /** A task of it has listeners. */
  readonly hasListeners: boolean;
  /** What the output parameters read. */
  readonly outputReads: readonly Read[];
  /** The node of one branch that a fork made at run time: a single task whose input is at hand. */
  readonly dynamicNode: (branch: DynamicBranch) => PlanNode;
}

/** One branch of a dynamic fork, as the fork's row has fixed it. */
export interface DynamicBranch {
  readonly task: WorkflowTask;
  readonly fork: TaskKey;
  readonly index: number;
  /** Number of branches of the fork. */
  readonly width: number;
  /** Its end lets the next branch begin: somebody must be told of it. */
  readonly isSliding?: boolean;
}
