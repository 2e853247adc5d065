import { type JsonObject, type WorkflowTask } from '@joinery/core';

/* The part of the reference model that says which way a switch goes. */

/** True for tasks that choose one of several paths. */
export function isChoice({ type }: WorkflowTask): boolean {
  return type === 'SWITCH' || type === 'DECISION';
}

/** The tasks that a switch leads to; a DECISION does not take an empty case. */
export function takenCase(input: JsonObject, task: WorkflowTask): readonly WorkflowTask[] {
  const named = task.decisionCases[switchValue(input, task)];
  const isNone = named === undefined || (task.type === 'DECISION' && named.length === 0);
  return isNone ? task.defaultCase : named;
}

/** What a switch chooses by: a value in it, or one of the run's input under its own name. */
export function switchValue(input: JsonObject, task: WorkflowTask): string {
  const written = task.inputParameters['value'];
  const isRead = typeof written === 'string' && written.startsWith('${');
  const value = isRead ? input[task.taskReferenceName] : written;
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
