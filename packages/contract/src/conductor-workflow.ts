import { type Json, type RunId, type RunState, type TaskRow, taskIdOf } from '@joinery/core';

/** A run in Conductor's words: the part of its `Workflow` that clients poll for. */
export interface ConductorWorkflow {
  readonly workflowId: string;
  readonly workflowName: string;
  readonly workflowVersion: number;
  readonly status: RunState['status'];
  readonly reasonForIncompletion: string | null;
  readonly correlationId: string | null;
  readonly priority: number;
  readonly createTime: number;
  readonly updateTime: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly input: Json;
  readonly output: Json;
  readonly tasks: readonly ConductorTask[];
}

/** A task attempt in Conductor's words; payloads are at `GET /api/runs/<id>`. */
export interface ConductorTask {
  readonly taskId: string;
  readonly taskType: string;
  readonly taskDefName: string;
  readonly referenceTaskName: string;
  readonly status: TaskRow['status'];
  readonly retryCount: number;
  readonly seq: number;
  readonly iteration: number;
  readonly workerId: string | null;
  readonly reasonForIncompletion: string | null;
  readonly workflowInstanceId: string;
  readonly scheduledTime: number;
  readonly startTime: number;
  readonly endTime: number;
}

/** What a run is shown from. */
export interface RunView {
  readonly run: RunState;
  readonly rows: readonly TaskRow[];
  readonly input: Json | null;
  readonly output: Json | null;
}

/** A run as Conductor would show it. */
export function conductorWorkflowOf({ run, rows, input, output }: RunView): ConductorWorkflow {
  return {
    workflowId: run.id,
    workflowName: run.definition,
    workflowVersion: run.definitionVersion,
    status: run.status,
    reasonForIncompletion: run.reason || null,
    correlationId: run.correlationId || null,
    priority: run.priority,
    createTime: run.createdAt,
    updateTime: run.updatedAt,
    startTime: run.createdAt,
    endTime: run.endedAt,
    input: input ?? {},
    output: output ?? {},
    tasks: rows.map((row) => conductorTask(run.id, row)),
  };
}

function conductorTask(runId: RunId, row: TaskRow): ConductorTask {
  return {
    taskId: taskIdOf(runId, row.key),
    taskType: row.type === 'SIMPLE' ? row.name : row.type,
    taskDefName: row.name,
    referenceTaskName: row.key,
    status: row.status,
    retryCount: row.attempt - 1,
    seq: row.seq,
    iteration: row.iteration,
    workerId: row.worker || null,
    reasonForIncompletion: row.reason || null,
    workflowInstanceId: runId,
    scheduledTime: row.scheduledAt,
    startTime: row.startedAt,
    endTime: row.endedAt,
  };
}
