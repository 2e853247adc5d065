import { z } from 'zod';
import type { Json, JsonObject } from '../run/json.ts';
import {
  conductorObject,
  jsonObject,
  jsonValue,
  requiredText,
  wholeNumber,
} from './conductor-object.ts';
import { refusalOfType } from './operator-types.ts';
import { referenceNameProblem } from './reference-name.ts';
import { unsupportedMembers } from './supported.ts';
import { type RetrySettings, retryPolicySchema } from './retry-settings.ts';
import { taskDefSchema, type TaskDef } from './task-def.ts';

/** The child of a SUB_WORKFLOW task. */
export interface SubWorkflowParams {
  readonly name?: string;
  readonly version?: number;
  readonly taskToDomain?: Readonly<Record<string, string>>;
  /** A definition, or one expression that yields it. */
  readonly workflowDefinition?: Json;
  /** A number or a template. */
  readonly priority?: number | string;
  readonly idempotencyKey?: string;
  readonly idempotencyStrategy?: string;
}

/** One task of a definition, with the tasks inside it. */
export interface WorkflowTask {
  /** Name of the task definition; for a worker task also of its queue. */
  readonly name: string;
  readonly taskReferenceName: string;
  /** An operator, `SIMPLE`, or any other name: a worker type. */
  readonly type: string;
  readonly description?: string;
  readonly metadata: JsonObject;
  readonly inputParameters: JsonObject;
  /** Its failure becomes COMPLETED_WITH_ERRORS and the flow goes on. */
  readonly optional: boolean;
  /** Its failure lets the flow go on; the run fails at its end. */
  readonly permissive: boolean;
  /** Seconds before its first hand-over. */
  readonly startDelay: number;
  /** Overrides the task definition's. */
  readonly retryCount?: number;
  /** A template: of attempts with equal values at most `concurrencyLimit` are carried out at a time. Not in Conductor. */
  readonly concurrencyKey?: string;
  /** Default 1. */
  readonly concurrencyLimit?: number;
  /** A template: what is called, where that is not the target of the definition's circuit breaker. Not in Conductor. */
  readonly circuitTarget?: string;
  /** Overrides these settings of the task definition. Not in Conductor. */
  readonly retryPolicy?: Partial<RetrySettings>;
  readonly asyncComplete: boolean;
  readonly taskDefinition?: TaskDef;
  readonly sink?: string;
  readonly forkTasks: readonly (readonly WorkflowTask[])[];
  readonly joinOn: readonly string[];
  /** Conductor's polling style; a JOIN here is judged at each arrival, so that both mean the same. */
  readonly joinMode: 'SYNC' | 'ASYNC';
  /** How many of its tasks must have completed; 0 or absent = all must be done with. Not in Conductor. */
  readonly joinCount?: number;
  readonly defaultExclusiveJoinTask: readonly string[];
  readonly dynamicForkTasksParam?: string;
  readonly dynamicForkTasksInputParamName?: string;
  readonly dynamicForkJoinTasksParam?: string;
  readonly dynamicTaskNameParam?: string;
  readonly evaluatorType?: string;
  readonly expression?: string;
  readonly decisionCases: Readonly<Record<string, readonly WorkflowTask[]>>;
  readonly defaultCase: readonly WorkflowTask[];
  readonly caseValueParam?: string;
  readonly caseExpression?: string;
  readonly scriptExpression?: string;
  readonly loopCondition?: string;
  readonly loopOver: readonly WorkflowTask[];
  readonly items?: string;
  readonly subWorkflowParam?: SubWorkflowParams;
  readonly rateLimited?: boolean;
  readonly joinStatus?: string;
  readonly onStateChange: JsonObject;
  readonly cacheConfig?: JsonObject;
  /** What takes back the effect of this task when its run does not complete. Not in Conductor. */
  readonly compensate?: WorkflowTask;
}

const text = z.string().exactOptional();

/** Schema of {@link SubWorkflowParams}. */
export const subWorkflowParamsSchema: z.ZodType<SubWorkflowParams> = conductorObject({
  name: text,
  version: wholeNumber().exactOptional(),
  taskToDomain: z.record(z.string(), z.string()).exactOptional(),
  workflowDefinition: jsonValue.exactOptional(),
  priority: z.union([z.number(), z.string()]).exactOptional(),
  idempotencyKey: text,
  idempotencyStrategy: text,
});

const taskList: z.ZodType<readonly WorkflowTask[]> = z.lazy(() => z.array(workflowTaskSchema));

/** Schema of {@link WorkflowTask} with Conductor's defaults. */
export const workflowTaskSchema: z.ZodType<WorkflowTask> = conductorObject(
  {
    name: requiredText,
    taskReferenceName: requiredText,
    type: requiredText.default('SIMPLE'),
    description: text,
    metadata: jsonObject.default({}),
    inputParameters: jsonObject.default({}),
    optional: z.boolean().default(false),
    permissive: z.boolean().default(false),
    startDelay: wholeNumber().default(0),
    retryCount: wholeNumber().exactOptional(),
    concurrencyKey: text,
    concurrencyLimit: wholeNumber(1).exactOptional(),
    circuitTarget: text,
    retryPolicy: retryPolicySchema.exactOptional(),
    asyncComplete: z.boolean().default(false),
    taskDefinition: taskDefSchema.exactOptional(),
    sink: text,
    forkTasks: z.array(taskList).default([]),
    joinOn: z.array(z.string()).default([]),
    joinMode: z.enum(['SYNC', 'ASYNC']).default('ASYNC'),
    joinCount: wholeNumber().exactOptional(),
    defaultExclusiveJoinTask: z.array(z.string()).default([]),
    dynamicForkTasksParam: text,
    dynamicForkTasksInputParamName: text,
    dynamicForkJoinTasksParam: text,
    dynamicTaskNameParam: text,
    evaluatorType: text,
    expression: text,
    decisionCases: z.record(z.string(), taskList).default({}),
    defaultCase: taskList.default([]),
    caseValueParam: text,
    caseExpression: text,
    scriptExpression: text,
    loopCondition: text,
    loopOver: taskList.default([]),
    items: text,
    subWorkflowParam: subWorkflowParamsSchema.exactOptional(),
    rateLimited: z.boolean().exactOptional(),
    joinStatus: text,
    onStateChange: jsonObject.default({}),
    cacheConfig: jsonObject.exactOptional(),
    compensate: z.lazy(() => workflowTaskSchema).exactOptional(),
  },
  { optional: false, permissive: false, startDelay: 0, asyncComplete: false },
);

/** A task that came with the data of a run, or why it is none. */
export type ParsedWorkflowTask =
  | { readonly ok: true; readonly task: WorkflowTask }
  | { readonly ok: false; readonly problem: string };

/** Parses one task outside of a definition, as dynamic forks bring them; with the rules of names and types. */
export function parseWorkflowTask(input: unknown): ParsedWorkflowTask {
  const parsed = workflowTaskSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, problem: `${issue?.path.join('.')}: ${issue?.message}` };
  }
  const task = parsed.data;
  const [unsupported] = unsupportedMembers('task', task);
  const problem =
    referenceNameProblem(task.taskReferenceName) ??
    refusalOfType(task.type) ??
    unsupported?.reason ??
    (task.compensate === undefined ? undefined : 'a task made at run time has no compensation') ??
    (Object.keys(task.onStateChange).length === 0
      ? undefined
      : 'a task made at run time has no onStateChange');
  return problem === undefined ? { ok: true, task } : { ok: false, problem };
}
