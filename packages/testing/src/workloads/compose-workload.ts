import { type JsonObject } from '@joinery/core';
import { STEP_TASK, type Workload } from './workload.ts';

/** A piece of a workload: a step, or branches that a join brings together again. */
export type Piece = string | ForkPiece;

/** Branches, each with at least one piece, and the steps that its join waits for. */
export interface ForkPiece {
  readonly fork: string;
  readonly branches: readonly (readonly Piece[])[];
  readonly join: string;
  readonly joinOn: readonly string[];
}

/** Where a step finds the values of the steps before it. */
interface Source {
  readonly refs: readonly string[];
  readonly path: (ref: string) => string;
}

const NOTHING: Source = { refs: [], path: () => '' };

/** Makes a workload of pieces that follow each other: every step takes the values of what came right before it. */
export function composeWorkload(name: string, pieces: readonly Piece[]): Workload {
  const steps = new Map<string, readonly string[]>();
  const joins = new Map<string, readonly string[]>();

  const compose = (list: readonly Piece[], before: Source): JsonObject[] => {
    let source = before;
    return list.flatMap((piece) => {
      const here = source;
      if (typeof piece === 'string') {
        steps.set(piece, here.refs);
        source = { refs: [piece], path: (ref) => `\${${ref}.output.value}` };
        return [stepTask(piece, here.refs.map(here.path))];
      }
      const { fork, branches, join, joinOn } = piece;
      joins.set(join, joinOn);
      source = { refs: joinOn, path: (ref) => `\${${join}.output.${ref}.value}` };
      return [
        {
          name: 'fork',
          taskReferenceName: fork,
          type: 'FORK_JOIN',
          forkTasks: branches.map((branch) => compose(branch, here)),
        },
        { name: 'join', taskReferenceName: join, type: 'JOIN', joinOn },
      ];
    });
  };

  const tasks = compose(pieces, NOTHING);
  return { name, definition: { name, tasks }, input: (seed) => ({ seed }), steps, joins };
}

function stepTask(ref: string, from: readonly string[]): JsonObject {
  const inputParameters = { ref, seed: '${workflow.input.seed}', from };
  return { name: STEP_TASK, taskReferenceName: ref, type: 'SIMPLE', inputParameters };
}
