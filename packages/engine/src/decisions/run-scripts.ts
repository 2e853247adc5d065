import { type EvaluationResult, joineryError, type Needs } from '@joinery/core';
import { type Engine } from '../engine.ts';

/** Runs the scripts that a decision asks for; an error means that none of them is known to have failed. */
export async function runScripts(
  { evaluator }: Pick<Engine, 'evaluator'>,
  { evaluations = [] }: Pick<Needs, 'evaluations'>,
): Promise<ReadonlyMap<string, EvaluationResult>> {
  if (evaluations.length === 0) return new Map();
  if (evaluator === undefined)
    throw joineryError('JN_SCRIPT_NO_EVALUATOR', { count: evaluations.length });
  const results = evaluations.map(
    async (each) => [each.id, await evaluator.evaluate(each)] as const,
  );
  return new Map(await Promise.all(results));
}
