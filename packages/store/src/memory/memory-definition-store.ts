import type { Json } from '@joinery/core';
import type { DefinitionStore, PinnedDefinition } from '../definition-store.ts';
import { frozenJson } from './frozen-json.ts';

/** Definitions in memory. */
export function createMemoryDefinitionStore(): DefinitionStore {
  const workflows = new Map<string, Map<number, Json>>();
  const tasks = new Map<string, Json>();
  const pinned = new Map<string, PinnedDefinition>();
  let changes = 0;
  return {
    putWorkflow: async (name, version, definition) => {
      const versions = workflows.get(name) ?? new Map<number, Json>();
      workflows.set(name, versions.set(version, frozenJson(definition)));
      changes += 1;
    },
    getWorkflow: async (name, version) => {
      const versions = workflows.get(name) ?? new Map<number, Json>();
      return versions.get(version ?? Math.max(...versions.keys())) ?? null;
    },
    removeWorkflow: async (name, version) => {
      const versions = workflows.get(name);
      const isRemoved = versions?.delete(version) ?? false;
      if (versions?.size === 0) workflows.delete(name);
      changes += Number(isRemoved);
      return isRemoved;
    },
    workflowsStamp: async () => (changes === 0 ? '' : String(changes)),
    listWorkflows: async () =>
      [...workflows]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([name, versions]) =>
          [...versions.keys()].toSorted((a, b) => a - b).map((version) => ({ name, version })),
        ),
    putTask: async (name, definition) => void tasks.set(name, frozenJson(definition)),
    getTasks: async (names) =>
      new Map(
        names.flatMap((name) => {
          const definition = tasks.get(name);
          return definition === undefined ? [] : [[name, definition] as const];
        }),
      ),
    listTasks: async () => [...tasks.keys()].toSorted(),
    removeTask: async (name) => tasks.delete(name),
    pin: async (content) => {
      if (!pinned.has(content.planId)) pinned.set(content.planId, frozenJson(content));
    },
    getPinned: async (planId) => pinned.get(planId) ?? null,
  };
}
