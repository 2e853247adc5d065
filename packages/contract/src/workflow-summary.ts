import { type Json, type RunEntry, type RunStatus } from '@joinery/core';
import { type ConductorTask } from './conductor-task.ts';

/** What a search answers. */
export interface SearchResult<T> {
  readonly totalHits: number;
  readonly results: readonly T[];
}

/** A run in a list, in Conductor's words; moments are ISO texts and payloads texts here, and only here. */
export interface WorkflowSummary {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly version: number;
  readonly status: RunStatus;
  readonly correlationId: string | null;
  readonly idempotencyKey: string | null;
  readonly priority: number;
  readonly startTime: string;
  readonly updateTime: string;
  readonly endTime: string | null;
  readonly reasonForIncompletion: string | null;
  readonly executionTime: number;
  readonly input: string;
  readonly output: string;
}

/** A task in a list, in Conductor's words. */
export interface TaskSummary {
  readonly workflowId: string;
  readonly workflowType: string;
  readonly correlationId: string | null;
  readonly taskId: string;
  readonly taskType: string;
  readonly taskDefName: string;
  readonly referenceTaskName: string;
  readonly status: ConductorTask['status'];
  readonly scheduledTime: string;
  readonly startTime: string | null;
  readonly updateTime: string;
  readonly endTime: string | null;
  readonly reasonForIncompletion: string | null;
  readonly executionTime: number;
  readonly queueWaitTime: number;
  readonly workflowPriority: number;
  readonly input: string;
  readonly output: string;
}

/** Payloads in lists are for a glance. */
const TEXT_LIMIT = 4_096;

/** A listed run as Conductor would show it. */
export function workflowSummaryOf(
  entry: RunEntry,
  { input, output }: { readonly input: Json | null; readonly output: Json | null },
): WorkflowSummary {
  const { createdAt, endedAt } = entry;
  return {
    workflowId: entry.runId,
    workflowType: entry.definition,
    version: entry.definitionVersion,
    status: entry.status,
    correlationId: entry.correlationId || null,
    idempotencyKey: entry.idempotencyKey || null,
    priority: entry.priority,
    startTime: isoOf(createdAt),
    updateTime: isoOf(entry.updatedAt),
    endTime: endedAt > 0 ? isoOf(endedAt) : null,
    reasonForIncompletion: entry.reason || null,
    executionTime: endedAt > 0 ? endedAt - createdAt : 0,
    input: textOf(input),
    output: textOf(output),
  };
}

/** A task in a list, from what Conductor shows of it alone. */
export function taskSummaryOf(task: ConductorTask): TaskSummary {
  const { workflowInstanceId: workflowId, workflowType, correlationId, taskId, taskType } = task;
  const { taskDefName, referenceTaskName, status, startTime, endTime } = task;
  const { reasonForIncompletion, queueWaitTime, workflowPriority } = task;
  const names = { workflowId, workflowType, correlationId, taskId, taskType, taskDefName };
  return {
    ...names,
    referenceTaskName,
    status,
    scheduledTime: isoOf(task.scheduledTime),
    startTime: startTime > 0 ? isoOf(startTime) : null,
    updateTime: isoOf(task.updateTime),
    endTime: endTime > 0 ? isoOf(endTime) : null,
    reasonForIncompletion,
    executionTime: endTime > 0 && startTime > 0 ? endTime - startTime : 0,
    queueWaitTime,
    workflowPriority,
    input: textOf(task.inputData),
    output: textOf(task.outputData),
  };
}

function isoOf(moment: number): string {
  return new Date(moment).toISOString();
}

function textOf(payload: Json | null): string {
  return JSON.stringify(payload ?? {}).slice(0, TEXT_LIMIT);
}
