import { isNeverRetried, isOperatorType } from '../definition/operator-types.ts';
import { type TaskDef, taskDefSchema } from '../definition/task-def.ts';
import type { WorkflowTask } from '../definition/workflow-task.ts';

/** Registered task definitions by name. */
export type TaskDefs = ReadonlyMap<string, TaskDef>;

/**
 * The task definition in force for a task: the embedded one, else the registered one, else a default as in
 * Conductor 3.30: SIMPLE is retried 3 times after 60 s and must answer within 3600 s; other types are not retried.
 * Operators answer nobody, and most are never retried, whatever their definition says.
 */
export function taskDefFor(task: WorkflowTask, taskDefs: TaskDefs): TaskDef {
  const known = task.taskDefinition ?? taskDefs.get(task.name);
  if (!isOperatorType(task.type) || task.type === 'DYNAMIC') {
    return known ?? { ...(task.type === 'SIMPLE' ? SIMPLE : OTHER), name: task.name };
  }
  const { pollTimeoutSeconds: _unused, ...rest } = known ?? { ...OTHER, name: task.name };
  const retryCount = isNeverRetried(task.type) ? 0 : rest.retryCount;
  return { ...rest, retryCount, responseTimeoutSeconds: 0 };
}

// Parsed once: a wide fork has thousands of tasks without a definition.
const SIMPLE = taskDefSchema.parse({ name: 'default' });
const OTHER: TaskDef = { ...SIMPLE, retryCount: 0, responseTimeoutSeconds: 0 };
