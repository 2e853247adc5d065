import type { Json } from '@joinery/core';

/** A definition with the task definitions that it uses, pinned by content. */
export interface PinnedDefinition {
  readonly planId: string;
  readonly definition: Json;
  readonly taskDefs: Json;
}

/** Definitions by name and version, and their pinned contents by hash. Contents are never changed. */
export interface DefinitionStore {
  /** Register a workflow definition (parsed JSON of it); replaces the same version. */
  putWorkflow(name: string, version: number, definition: Json): Promise<void>;
  /** A version of a definition, the latest without one; null when unknown. */
  getWorkflow(name: string, version?: number): Promise<Json | null>;
  removeWorkflow(name: string, version: number): Promise<boolean>;
  /** Names all workflow definitions as they are: another text after each change, also after a loss of writes. Empty = none yet. */
  workflowsStamp(): Promise<string>;
  listWorkflows(): Promise<readonly { readonly name: string; readonly version: number }[]>;
  putTask(name: string, definition: Json): Promise<void>;
  getTasks(names: readonly string[]): Promise<ReadonlyMap<string, Json>>;
  /** Names of the task definitions, sorted. */
  listTasks(): Promise<readonly string[]>;
  removeTask(name: string): Promise<boolean>;
  /** Keep a content by its hash; idempotent. */
  pin(content: PinnedDefinition): Promise<void>;
  getPinned(planId: string): Promise<PinnedDefinition | null>;
}
