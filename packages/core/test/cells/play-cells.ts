import { parseWorkflowDef } from '@joinery/core';
import type { GeneratedDefinition } from '@joinery/testing';
import fc from 'fast-check';
import { planOf } from '../drive-run.ts';
import { aimedDefinition, type AimedOperator } from './aimed-definition.ts';
import { type Cell, OPERATIONS, playPair } from './play-pair.ts';

/** Forks, cases and bodies around the operator. */
export const DEPTHS = [0, 1, 2, 3];

/** What many pairs have shown. */
export interface PlayedCells {
  readonly pairs: number;
  /** How often each cell was hit. */
  readonly hits: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

/** Which cells to play, and how often each is to be hit. */
export interface CellPlan {
  readonly operators: readonly AimedOperator[];
  readonly hitsEach: number;
  readonly seed: number;
}

// Of the pairs that a cell asks for, four of five hit it; what ten times as many do not do is not done by chance.
const TURNS = 10;

/** Plays each cell until it was hit so often. */
export function playCells({ operators, hitsEach, seed }: CellPlan): PlayedCells {
  const hits = new Map<string, number>();
  const problems: string[] = [];
  let pairs = 0;
  for (const [index, cell] of cellsOf(operators).entries()) {
    let hit = 0;
    for (let turn = 0; hit < hitsEach && turn < TURNS; turn += 1) {
      const cellSeed = (seed * 31 + index) * 31 + turn;
      for (const [at, generated] of sample(cell, hitsEach - hit, cellSeed).entries()) {
        const pairSeed = cellSeed * 4_099 + at;
        const { isHit, problem } = play(cell, generated, pairSeed);
        pairs += 1;
        if (isHit) hit += 1;
        if (problem === null || problems.length > 4) continue;
        const where = `seed ${pairSeed} of ${JSON.stringify(generated)}`;
        problems.push(`${nameOf(cell)}: ${problem}\n${where}`);
      }
    }
    hits.set(nameOf(cell), hit);
  }
  return { pairs, hits, problems };
}

function cellsOf(operators: readonly AimedOperator[]): readonly Cell[] {
  return operators.flatMap((operator) =>
    DEPTHS.flatMap((depth) => OPERATIONS.map((operation) => ({ operator, depth, operation }))),
  );
}

function sample(cell: Cell, numRuns: number, seed: number): readonly GeneratedDefinition[] {
  const { operator, depth, operation } = cell;
  const arbitrary = aimedDefinition(operator, depth, { hasLast: operation === 'retry' });
  return fc.sample(arbitrary, { numRuns, seed });
}

function play(
  cell: Cell,
  generated: GeneratedDefinition,
  seed: number,
): ReturnType<typeof playPair> {
  const plan = planOf(parseWorkflowDef(generated.definition));
  return playPair({ plan, generated, cell, seed });
}

function nameOf({ operator, depth, operation }: Cell): string {
  return `${operation} ${operator} ${depth}`;
}
