import { type JsonObject } from '@joinery/core';
import { STEP_TASK, type Workload } from './workload.ts';

/** A piece of a workload: a step, branches that a join brings together again, or another operator. */
export type Piece = string | ForkPiece | WaitPiece | ChildPiece | LoopPiece;

/** A second of nothing; what follows takes the values from before it. */
export interface WaitPiece {
  readonly wait: string;
}

/** A step that a run of its own does. */
export interface ChildPiece {
  readonly child: string;
}

/** A step that is done so many times; what follows takes the value of the last time. */
export interface LoopPiece {
  readonly loop: string;
  readonly times: number;
  readonly body: string;
}

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
        source = valueOf(piece);
        return [stepTask(piece, here.refs.map(here.path))];
      }
      if ('wait' in piece) return [waitTask(piece.wait)];
      if ('child' in piece) {
        steps.set(piece.child, here.refs);
        source = valueOf(piece.child);
        return [childTask(piece.child, here.refs.map(here.path))];
      }
      if ('loop' in piece) {
        const { body, times } = piece;
        for (let time = 1; time <= times; time += 1) steps.set(`${body}__${time}`, here.refs);
        source = { refs: [`${body}__${times}`], path: () => `\${${body}.output.value}` };
        return [loopTask(piece, here.refs.map(here.path))];
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

function valueOf(step: string): Source {
  return { refs: [step], path: (ref) => `\${${ref}.output.value}` };
}

function waitTask(ref: string): JsonObject {
  const inputParameters = { duration: '1 seconds' };
  return { name: 'wait', taskReferenceName: ref, type: 'WAIT', inputParameters };
}

function childTask(ref: string, from: readonly string[]): JsonObject {
  const inputParameters = { ref, seed: '${workflow.input.seed}', from: '${workflow.input.from}' };
  const step = { name: STEP_TASK, taskReferenceName: ref, type: 'SIMPLE', inputParameters };
  const outputParameters = { value: `\${${ref}.output.value}` };
  const workflowDefinition = { name: `child_${ref}`, tasks: [step], outputParameters };
  return {
    name: 'child',
    taskReferenceName: ref,
    type: 'SUB_WORKFLOW',
    subWorkflowParam: { workflowDefinition },
    inputParameters: { seed: '${workflow.input.seed}', from },
  };
}

function loopTask({ loop, times, body }: LoopPiece, from: readonly string[]): JsonObject {
  const ref = `${body}__\${${loop}.output.iteration}`;
  const inputParameters = { ref, seed: '${workflow.input.seed}', from };
  return {
    name: 'loop',
    taskReferenceName: loop,
    type: 'DO_WHILE',
    loopCondition: `$.${loop}['iteration'] < $.times`,
    inputParameters: { times },
    loopOver: [{ name: STEP_TASK, taskReferenceName: body, type: 'SIMPLE', inputParameters }],
  };
}

function stepTask(ref: string, from: readonly string[]): JsonObject {
  const inputParameters = { ref, seed: '${workflow.input.seed}', from };
  return { name: STEP_TASK, taskReferenceName: ref, type: 'SIMPLE', inputParameters };
}
