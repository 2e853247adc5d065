import { isJsonObject, type Json, parseWorkflowDef, type WorkflowDef } from '@joinery/core';
import { type PinnedDefinition } from '@joinery/store';
import { BoundedMap } from '../bounded-map.ts';
import { pinnedContent, taskNames } from './pinned-content.ts';
import { plainJson } from './plain-json.ts';

/** A definition that has been parsed, with the names of its tasks. */
export interface PreparedDefinition {
  readonly definition: WorkflowDef;
  readonly taskNames: readonly string[];
  /** Its content together with these task definitions, under the hash of both. */
  pinnedWith(taskDefs: Json): PinnedDefinition;
}

// Definitions that are started often at the same time; most are some KB, none is above 5 MB.
const DEFINITIONS_LIMIT = 64;

/**
 * Parsed definitions by their text. Parsing and hashing take some ms, which every start would spend again: the text is
 * read from the store each time, so that what is registered anew is in force at once.
 */
export class PreparedDefinitions {
  readonly #prepared = new BoundedMap<string, PreparedDefinition>(DEFINITIONS_LIMIT);
  readonly #byValue = new WeakMap<object, PreparedDefinition>();

  /** Throws InvalidInput with every problem. */
  prepare(json: Json): PreparedDefinition {
    const text = JSON.stringify(json);
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const prepared = prepareDefinition(parseWorkflowDef(json));
    this.#prepared.set(text, prepared);
    return prepared;
  }

  /** The same for what a store has answered: the same text is the same value there, and nobody changes it. */
  prepareStored(json: Json): PreparedDefinition {
    if (!isJsonObject(json)) return this.prepare(json);
    const prepared = this.#byValue.get(json) ?? this.prepare(json);
    this.#byValue.set(json, prepared);
    return prepared;
  }
}

function prepareDefinition(definition: WorkflowDef): PreparedDefinition {
  const content = plainJson(definition);
  let last: { readonly taskText: string; readonly pinned: PinnedDefinition } | undefined;
  return {
    definition,
    taskNames: taskNames(definition),
    pinnedWith(taskDefs) {
      const taskText = JSON.stringify(taskDefs);
      if (last?.taskText !== taskText)
        last = { taskText, pinned: pinnedContent(content, taskDefs) };
      return last.pinned;
    },
  };
}
