import type { JsonObject } from '@joinery/core';
import type fc from 'fast-check';
import { arbitraryShapes, type ShapeOptions } from './task-shape.ts';
import { writeDefinition } from './write-definition.ts';

/** A definition with the input that its runs need. */
export interface GeneratedDefinition {
  /** Conductor's JSON; passes `parseWorkflowDef`. */
  readonly definition: JsonObject;
  /** Switches read their values from it. */
  readonly input: JsonObject;
}

/** How definitions are generated. */
export interface DefinitionOptions extends ShapeOptions {
  readonly name?: string;
  /** Seconds between attempts; 0 suits real workers, more suits a virtual clock. Default 5. */
  readonly retryDelaySeconds?: number;
}

/**
 * Valid definitions of every operator, nested: forks with joins over any of the tasks inside them, dynamic forks,
 * switches, optional and permissive tasks, retries, time-outs. Worker tasks are all of type SIMPLE with their
 * reference as their name; each reads the output of the task before it.
 */
export function arbitraryDefinition(
  options: DefinitionOptions = {},
): fc.Arbitrary<GeneratedDefinition> {
  return arbitraryShapes(options).map((shapes) => writeDefinition(shapes, options));
}
