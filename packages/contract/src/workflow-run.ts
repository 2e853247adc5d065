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

/** A task that only a signal can end, and the run that it is in: the target itself, or one below. */
export interface BlockingTask {
  readonly task: ConductorTask;
  readonly workflow: ConductorWorkflow;
}

/** What a synchronous execution has come to. */
export interface RunProgress {
  readonly workflow: ConductorWorkflow;
  readonly requestId: string;
  readonly strategy: ReturnStrategy;
  /** The task that the run waits for; null: none. */
  readonly blocking: BlockingTask | null;
}

/**
 * Conductor's flat answer to a synchronous execution (`SignalResponse`, 3.30): the run, the one below that blocks it, or
 * the task that does. Null when a task was asked for and none blocks; the blocking workflow is then the target itself.
 */
export function workflowRunOf({
  workflow,
  requestId,
  strategy,
  blocking,
}: RunProgress): Readonly<Record<string, unknown>> | null {
  const isTarget = strategy === 'TARGET_WORKFLOW' || blocking === null;
  const shown = isTarget ? workflow : blocking.workflow;
  const target = {
    responseType: strategy,
    targetWorkflowId: workflow.workflowId,
    targetWorkflowStatus: workflow.status,
    requestId,
    workflowId: shown.workflowId,
    correlationId: shown.correlationId,
    priority: shown.priority,
    variables: shown.variables,
  };
  if (strategy === 'TARGET_WORKFLOW' || strategy === 'BLOCKING_WORKFLOW') {
    const { status, input, output, tasks, createTime, updateTime } = shown;
    return { ...target, status, input, output, tasks, createTime, updateTime };
  }
  if (blocking === null) return null;
  const { inputData: input, outputData: output, ...rest } = blocking.task;
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
