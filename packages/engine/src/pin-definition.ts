import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type WorkflowDef, type WorkflowTask } from '@joinery/core';
import { type PinnedDefinition } from '@joinery/store';
import { type EnginePorts } from './engine-ports.ts';
import { plainJson } from './plain-json.ts';

/**
 * Keeps a definition and the task definitions that it uses under the hash of both, so that a run carries out what was
 * registered when it started, whatever is registered later. Idempotent.
 */
export async function pinDefinition(
  ports: Pick<EnginePorts, 'definitions'>,
  definition: WorkflowDef,
): Promise<PinnedDefinition> {
  const names = taskNames(definition);
  const found = await ports.definitions.getTasks(names);
  const taskDefs = Object.fromEntries(found);
  const content = pinnedContent(plainJson(definition), taskDefs);
  await ports.definitions.pin(content);
  return content;
}

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
