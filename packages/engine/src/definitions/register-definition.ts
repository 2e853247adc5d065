import {
  type Json,
  parseTaskDef,
  parseWorkflowDef,
  type TaskDef,
  type WorkflowDef,
} from '@joinery/core';
import { type EnginePorts } from '../engine-ports.ts';
import { plainJson } from './plain-json.ts';

/**
 * Registers a workflow definition; replaces the same version. Running runs go on with what they were started with.
 * Throws InvalidInput naming every problem.
 */
export async function registerDefinition(
  ports: Pick<EnginePorts, 'definitions'>,
  json: Json,
): Promise<WorkflowDef> {
  const definition = parseWorkflowDef(json);
  const content = plainJson(definition);
  await ports.definitions.putWorkflow(definition.name, definition.version, content);
  return definition;
}

/** Registers a task definition; replaces the one of that name for runs that start from now on. */
export async function registerTaskDefinition(
  ports: Pick<EnginePorts, 'definitions'>,
  json: Json,
): Promise<TaskDef> {
  const definition = parseTaskDef(json);
  await ports.definitions.putTask(definition.name, plainJson(definition));
  return definition;
}
