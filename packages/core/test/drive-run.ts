import {
  compilePlan,
  decide,
  initialSlice,
  mergeSlice,
  runIdOf,
  type DecideEvent,
  type Domains,
  type Decision,
  type DecideResult,
  type Evaluation,
  type EvaluationResult,
  type Json,
  type ParentLink,
  type JsonObject,
  type Plan,
  type Slice,
  type TaskDefs,
  type WorkflowDef,
} from '@joinery/core';
import { RunModel } from './run-model.ts';

/** A decision and how often it asked for more. */
export interface Decided {
  readonly decision: Decision;
  readonly requests: number;
}

/** Stands for the sandbox. */
export type Evaluate = (evaluation: Evaluation) => EvaluationResult;

function runNothing({ script }: Evaluation): never {
  throw new Error(`nobody runs ${script}`);
}

/** Rounds after which the engine would give a run up. */
const ROUNDS_LIMIT = 64;

/** Ask the decider, reading from the model what it lacks. A refusal is answered as it is. */
export function ask(
  model: RunModel,
  {
    plan,
    slice,
    event = { type: 'look' },
    seed = 7,
    env = {},
    evaluate = runNothing,
  }: {
    readonly plan: Plan;
    readonly slice: Slice;
    readonly event?: DecideEvent;
    readonly seed?: number;
    readonly env?: JsonObject;
    readonly evaluate?: Evaluate;
  },
): Decided | Extract<DecideResult, { type: 'refused' }> {
  let current = slice;
  for (let requests = 0; requests < ROUNDS_LIMIT; requests += 1) {
    const result = decide({ slice: current, plan, event, seed, env });
    if (result.type === 'refused') return result;
    if (result.type === 'decision') return { decision: result.decision, requests };
    const asked = result.needs.evaluations ?? [];
    const evaluations = new Map(asked.map((each) => [each.id, evaluate(each)]));
    if (result.needs.whole === true) {
      const { rows, arrivals, whole } = model.wholeSlice();
      current = { ...mergeSlice(current, { rows, arrivals, data: new Map() }), whole };
    }
    current = mergeSlice(current, { ...model.read(result.needs), evaluations });
  }
  throw new Error(`the decider asked ${ROUNDS_LIMIT} times for more`);
}

/** Begin a run: its first decision, applied. */
export function beginRun(
  plan: Plan,
  {
    input = {},
    variables = {},
    at = 1_000_000,
    parent = null,
    domains,
    env = {},
    evaluate = runNothing,
  }: {
    readonly input?: Json;
    readonly variables?: Json;
    readonly at?: number;
    readonly parent?: ParentLink | null;
    readonly domains?: Domains | undefined;
    readonly env?: JsonObject;
    readonly evaluate?: Evaluate;
  } = {},
): RunModel {
  const { name, version } = plan.definition;
  const slice = initialSlice({
    id: runIdOf(3, 'abcdefghij0123456789'),
    definition: name,
    definitionVersion: version,
    planId: 'p',
    priority: 0,
    correlationId: '',
    idempotencyKey: '',
    traceId: '',
    parent,
    ...(domains !== undefined && { domains }),
    input,
    variables,
    at,
  });
  const model = new RunModel(slice);
  const first = ask(model, { plan, slice, event: { type: 'start' }, env, evaluate });
  if ('code' in first) throw new Error(`the first decision is ${first.type}`);
  model.commit(first.decision, 0);
  return model;
}

/** The plan of a definition that was parsed. */
export function planOf(definition: WorkflowDef, taskDefs: TaskDefs = new Map()): Plan {
  return compilePlan(definition, taskDefs);
}
