import { type Json, type RunState, type TaskKey, type TaskRow } from '@joinery/core';
import { type ConductorTask, conductorTaskOf } from './conductor-task.ts';

/** A run in Conductor's words (`Workflow`, 3.30). Moments are ms since epoch, 0 = not yet. */
export interface ConductorWorkflow {
  readonly workflowId: string;
  readonly workflowName: string;
  readonly workflowVersion: number;
  readonly workflowDefinition?: Json;
  readonly status: RunState['status'];
  readonly reasonForIncompletion: string | null;
  readonly correlationId: string | null;
  readonly idempotencyKey: string | null;
  readonly priority: number;
  readonly taskToDomain: Readonly<Record<string, string>>;
  readonly createTime: number;
  readonly updateTime: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly input: Json;
  readonly output: Json;
  readonly variables: Json;
  readonly failedReferenceTaskNames: readonly string[];
  readonly failedTaskNames: readonly string[];
  /** By sequence; empty when they were not asked for. */
  readonly tasks: readonly ConductorTask[];
}

/** Payloads of a task. */
export interface TaskPayloads {
  readonly input: Json | null;
  readonly output: Json | null;
}

/** What a run is shown from. */
export interface RunView {
  readonly run: RunState;
  /** By order of creation, earlier attempts included. */
  readonly rows: readonly TaskRow[];
  readonly input: Json | null;
  readonly output: Json | null;
  readonly variables: Json | null;
  /** Of the current attempts; without it payloads are empty. */
  readonly payloads?: ReadonlyMap<TaskKey, TaskPayloads>;
  readonly definition?: Json;
}

/** A run as Conductor would show it. */
export function conductorWorkflowOf(view: RunView): ConductorWorkflow {
  const { run, rows, input, output, variables, definition } = view;
  const failed = rows.filter(({ status }) => status.startsWith('FAILED'));
  return {
    workflowId: run.id,
    workflowName: run.definition,
    workflowVersion: run.definitionVersion,
    ...(definition === undefined ? {} : { workflowDefinition: definition }),
    status: run.status,
    reasonForIncompletion: run.reason || null,
    correlationId: run.correlationId || null,
    idempotencyKey: run.idempotencyKey || null,
    priority: run.priority,
    taskToDomain: run.domains ?? {},
    createTime: run.createdAt,
    updateTime: run.updatedAt,
    startTime: run.createdAt,
    endTime: run.endedAt,
    input: input ?? {},
    output: output ?? {},
    variables: variables ?? {},
    failedReferenceTaskNames: distinct(failed.map(({ key }) => key)),
    failedTaskNames: distinct(failed.map(({ name }) => name)),
    tasks: conductorTasksOf(view),
  };
}

/** The tasks of a run as Conductor would show them. */
export function conductorTasksOf({
  run,
  rows,
  payloads,
}: Pick<RunView, 'run' | 'rows' | 'payloads'>): readonly ConductorTask[] {
  const latest = new Map<TaskKey, number>();
  for (const { key, attempt } of rows) latest.set(key, Math.max(attempt, latest.get(key) ?? 0));
  return rows.map((row) => {
    const isReplaced = row.attempt !== latest.get(row.key);
    const { input = null, output = null } = (isReplaced ? undefined : payloads?.get(row.key)) ?? {};
    return conductorTaskOf({ run, row, input, output, isReplaced });
  });
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
