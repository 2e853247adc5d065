import { type ConductorTask } from './conductor-task.ts';
import { type ConductorWorkflow } from './conductor-workflow.ts';

/** What the caller of a synchronous execution or signal wants to be told. */
export const RETURN_STRATEGIES = [
  'TARGET_WORKFLOW',
  'BLOCKING_WORKFLOW',
  'BLOCKING_TASK',
  'BLOCKING_TASK_INPUT',
] as const;
/** One of {@link RETURN_STRATEGIES}. */
export type ReturnStrategy = (typeof RETURN_STRATEGIES)[number];

/** What a synchronous execution has come to. */
export interface RunProgress {
  readonly workflow: ConductorWorkflow;
  readonly requestId: string;
  readonly strategy: ReturnStrategy;
  /** The task that the run waits for; null: none. */
  readonly blocking: ConductorTask | null;
}

/**
 * Conductor's flat answer to a synchronous execution (`SignalResponse`, 3.30): the run, or the task that blocks it. Null
 * when a task was asked for and none blocks. Runs have no children yet: the blocking workflow is the target itself.
 */
export function workflowRunOf({
  workflow,
  requestId,
  strategy,
  blocking,
}: RunProgress): Readonly<Record<string, unknown>> | null {
  const target = {
    responseType: strategy,
    targetWorkflowId: workflow.workflowId,
    targetWorkflowStatus: workflow.status,
    requestId,
    workflowId: workflow.workflowId,
    correlationId: workflow.correlationId,
    priority: workflow.priority,
    variables: workflow.variables,
  };
  if (strategy === 'TARGET_WORKFLOW' || strategy === 'BLOCKING_WORKFLOW') {
    const { status, input, output, tasks, createTime, updateTime } = workflow;
    return { ...target, status, input, output, tasks, createTime, updateTime };
  }
  if (blocking === null) return null;
  const { inputData: input, outputData: output, ...rest } = blocking;
  const { taskType, taskId, taskDefName, retryCount, status, workflowType } = rest;
  const { referenceTaskName, scheduledTime: createTime, updateTime } = rest;
  return {
    ...target,
    taskType,
    taskId,
    taskDefName,
    retryCount,
    status,
    workflowType,
    referenceTaskName,
    input,
    output,
    createTime,
    updateTime,
  };
}
