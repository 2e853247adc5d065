import type { JsonObject } from '../run/json.ts';
import type { WorkflowTask } from './workflow-task.ts';

/**
 * The part of `subWorkflowParam` that is a template of the parent: all of it, except a definition that is written out,
 * whose expressions are the child's.
 */
export function childTemplate({ type, subWorkflowParam }: WorkflowTask): JsonObject {
  if (type !== 'SUB_WORKFLOW' || subWorkflowParam === undefined) return {};
  const { name = null, version = null, priority = null, taskToDomain = null } = subWorkflowParam;
  const { workflowDefinition: definition } = subWorkflowParam;
  const parameters = { name, version: version === 0 ? null : version, priority, taskToDomain };
  return typeof definition === 'string'
    ? { ...parameters, workflowDefinition: definition }
    : parameters;
}
