import { isJsonObject, type Json, type JsonObject } from '@joinery/core';
import fc from 'fast-check';
import {
  arbitraryDefinition,
  type GeneratedDefinition,
} from '../definitions/arbitrary-definition.ts';
import { SCRIPTED_TASK } from '../workloads/workload.ts';

/** Waits for nobody: everything in such a definition ends by itself. */
const OPTIONS = {
  maxDepth: 3,
  maxTasks: 3,
  hasTerminate: false,
  hasWaits: false,
  hasTimeOuts: false,
  hasRareOperators: true,
  retryDelaySeconds: 0,
} as const;
/** These would wait for somebody. */
const WAITS = /"(?:HUMAN|YIELD)"/;
/** Definitions made for one that is kept. */
const TRIES = 20;

/** Definitions with a fork of which something is missing: a join that names nothing, an empty branch, no branch at all. */
export function degenerateDefinitions(count: number, seed: number): readonly GeneratedDefinition[] {
  const made = fc.sample(arbitraryDefinition(OPTIONS), { seed, numRuns: count * TRIES });
  return made.filter(isDegenerate).slice(0, count).map(withScriptedTasks);
}

function isDegenerate({ definition, input }: GeneratedDefinition): boolean {
  const text = JSON.stringify(definition);
  if (!text.includes('"FORK_JOIN') || WAITS.test(text)) return false;
  const hasEmptyBranch = /[[,]\[\]/.test(text);
  return hasEmptyBranch || text.includes('"joinOn":[]') || JSON.stringify(input).includes(':[]');
}

/** Every worker task under the one name that workers serve; what it comes to follows from its reference. */
function withScriptedTasks(made: GeneratedDefinition, index: number): GeneratedDefinition {
  const { definition, input } = made;
  const renamed = { ...rename(definition), name: `degenerate_${index}` };
  return { definition: renamed, input: rename(input) };
}

function rename<T extends Json>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, each: Json) => {
    if (!isJsonObject(each)) return each;
    const { type, inputParameters = {}, taskDefinition = {} } = each;
    if (type !== 'SIMPLE' && type !== 'DYNAMIC') return each;
    return {
      ...each,
      name: SCRIPTED_TASK,
      taskDefinition: { ...objectOf(taskDefinition), name: SCRIPTED_TASK },
      ...(type === 'DYNAMIC' && {
        inputParameters: { ...objectOf(inputParameters), worker: SCRIPTED_TASK },
      }),
    };
  });
}

function objectOf(value: Json): JsonObject {
  return isJsonObject(value) ? value : {};
}
