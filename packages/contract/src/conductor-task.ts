import { type Json, type RunState, type TaskRow } from '@joinery/core';
import { conductorTaskIdOf } from './conductor-task-id.ts';

/**
 * A task attempt in Conductor's words (`Task`, 3.30). Moments are ms since epoch, 0 = not yet. What the engine does not
 * keep is left out: execution metadata, and payloads of attempts that were replaced (they are empty).
 */
export interface ConductorTask {
  readonly taskId: string;
  readonly taskType: string;
  readonly taskDefName: string;
  readonly referenceTaskName: string;
  readonly status: TaskRow['status'];
  readonly inputData: Json;
  readonly outputData: Json;
  readonly retryCount: number;
  readonly seq: number;
  readonly pollCount: number;
  readonly iteration: number;
  readonly loopOverTask: boolean;
  readonly workerId: string | null;
  readonly reasonForIncompletion: string | null;
  readonly workflowInstanceId: string;
  readonly workflowType: string;
  readonly correlationId: string | null;
  readonly workflowPriority: number;
  readonly scheduledTime: number;
  readonly firstStartTime: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly updateTime: number;
  readonly queueWaitTime: number;
  /** Seconds; clients derive the rhythm of their lease extensions from it. */
  readonly responseTimeoutSeconds: number;
  readonly callbackAfterSeconds: number;
  readonly callbackFromWorker: boolean;
  /** This attempt was replaced by another one. */
  readonly retried: boolean;
  readonly retriedTaskId: string | null;
  /** Of the workers that carry it out; null: none. */
  readonly domain: string | null;
  /** The decider has acted on its end. */
  readonly executed: boolean;
}

/** What a task is shown from. */
export interface TaskView {
  readonly run: Pick<RunState, 'id' | 'definition' | 'correlationId' | 'priority'>;
  readonly row: TaskRow;
  readonly input: Json | null;
  readonly output: Json | null;
  /** A later attempt took its place. */
  readonly isReplaced: boolean;
}

/** A task attempt as Conductor would show it. */
export function conductorTaskOf({ run, row, input, output, isReplaced }: TaskView): ConductorTask {
  const { key, attempt } = row;
  const idOf = (which: number): string => conductorTaskIdOf({ runId: run.id, key, attempt: which });
  return {
    taskId: idOf(attempt),
    taskType: row.type === 'SIMPLE' ? row.name : row.type,
    taskDefName: row.name,
    referenceTaskName: key,
    status: row.status,
    inputData: input ?? {},
    outputData: output ?? {},
    retryCount: attempt - 1,
    seq: row.seq,
    pollCount: row.deliveries,
    iteration: row.iteration,
    loopOverTask: row.iteration > 0,
    workerId: row.worker || null,
    reasonForIncompletion: row.reason || null,
    workflowInstanceId: run.id,
    workflowType: run.definition,
    correlationId: run.correlationId || null,
    workflowPriority: run.priority,
    scheduledTime: row.scheduledAt,
    firstStartTime: row.startedAt,
    startTime: row.startedAt,
    endTime: row.endedAt,
    updateTime: Math.max(row.scheduledAt, row.startedAt, row.endedAt),
    queueWaitTime: Math.max(0, row.startedAt - row.scheduledAt),
    responseTimeoutSeconds: Math.ceil(row.responseTimeoutMs / 1_000),
    callbackAfterSeconds: 0,
    callbackFromWorker: true,
    retried: isReplaced,
    retriedTaskId: attempt > 1 ? idOf(attempt - 1) : null,
    domain: domainOf(row),
    executed: row.isSettled,
  };
}

/** Tasks of a domain have a queue `<domain>:<type>`. */
function domainOf({ queue = '', type, name }: TaskRow): string | null {
  const suffix = `:${type === 'SIMPLE' ? name : type}`;
  return queue.endsWith(suffix) ? queue.slice(0, -suffix.length) : null;
}
