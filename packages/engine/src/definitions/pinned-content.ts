import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type WorkflowDef, type WorkflowTask } from '@joinery/core';
import { type PinnedDefinition } from '@joinery/store';

/** A content under its hash: the same for the same content, in whatever order its fields come. */
export function pinnedContent(definition: Json, taskDefs: Json): PinnedDefinition {
  const text = canonicalJson({ definition, taskDefs });
  const planId = createHash('sha256').update(text).digest('hex');
  return { planId, definition, taskDefs };
}

/** Names of the tasks at any depth, each once. */
export function taskNames(definition: WorkflowDef): readonly string[] {
  const names = new Set<string>();
  const lists: (readonly WorkflowTask[])[] = [definition.tasks];
  for (let list = lists.pop(); list !== undefined; list = lists.pop()) {
    for (const task of list) {
      names.add(task.name);
      lists.push(...task.forkTasks, ...Object.values(task.decisionCases));
      lists.push(task.defaultCase, task.loopOver);
      if (task.compensate !== undefined) lists.push([task.compensate]);
    }
  }
  return [...names];
}

/** JSON text with sorted keys. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, part: Json) =>
    isJsonObject(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
