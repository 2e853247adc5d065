import {
  compilePlan,
  isJsonObject,
  type Json,
  parseTaskDef,
  parseWorkflowDef,
  type Plan,
  type TaskDef,
} from '@joinery/core';
import { type DefinitionStore } from '@joinery/store';
import { BoundedMap } from '../bounded-map.ts';
import { isDeterministic, reasonOf } from '../decisions/deterministic-error.ts';

/** A plan, or why there can be none. */
export type FoundPlan =
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'missing'; readonly reason: string };

// A plan of 10,000 branches is some 10 MB; of an ordinary definition, some KB.
const PLANS_LIMIT = 256;

/** Plans by the hash of what they were made of. A hash never means anything else, so nothing here gets old. */
export class PlanCache {
  readonly #definitions: Pick<DefinitionStore, 'getPinned'>;
  readonly #plans = new BoundedMap<string, Plan>(PLANS_LIMIT);

  constructor(definitions: Pick<DefinitionStore, 'getPinned'>) {
    this.#definitions = definitions;
  }

  /** The plan that a run is pinned to. Throws only what may go away: Redis does not answer. */
  async find(planId: string): Promise<FoundPlan> {
    const known = this.#plans.get(planId);
    if (known !== undefined) return { type: 'plan', plan: known };
    const pinned = await this.#definitions.getPinned(planId);
    if (pinned === null) {
      return { type: 'missing', reason: `definition: its pinned content ${planId} is missing` };
    }
    try {
      return { type: 'plan', plan: this.compile(planId, pinned.definition, pinned.taskDefs) };
    } catch (error) {
      if (!isDeterministic(error)) throw error;
      return { type: 'missing', reason: reasonOf('definition', error) };
    }
  }

  /** Compiles a content, or finds it compiled. Throws InvalidInput for what is no definition. */
  compile(planId: string, definition: Json, taskDefs: Json): Plan {
    const known = this.#plans.get(planId);
    if (known !== undefined) return known;
    const plan = compilePlan(parseWorkflowDef(definition), parseTaskDefs(taskDefs));
    this.#plans.set(planId, plan);
    return plan;
  }
}

function parseTaskDefs(json: Json): ReadonlyMap<string, TaskDef> {
  const entries = isJsonObject(json) ? Object.entries(json) : [];
  return new Map(entries.map(([name, definition]) => [name, parseTaskDef(definition)]));
}
