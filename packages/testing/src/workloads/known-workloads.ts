import { type JsonObject } from '@joinery/core';
import { composeWorkload, type Piece } from './compose-workload.ts';
import { STEP_TASK, type Workload } from './workload.ts';

/** Four forks and four joins, three deep, thirteen steps: the shape on which lost wake-ups show first. */
export function crazyNestedForkJoin(): Workload {
  const inner: Piece = {
    fork: 'fork_4',
    branches: [['n_5'], ['n_6', 'n_7']],
    join: 'join_8',
    joinOn: ['n_5', 'n_7'],
  };
  const innermost: Piece = {
    fork: 'fork_11',
    branches: [['n_11a'], ['n_11b']],
    join: 'join_11',
    joinOn: ['n_11a', 'n_11b'],
  };
  const middle: Piece = {
    fork: 'fork_10',
    branches: [[innermost, 'n_12'], ['n_13']],
    join: 'join_14',
    joinOn: ['n_13', 'n_12'],
  };
  const outer: Piece = {
    fork: 'fork_2',
    branches: [['n_3', inner, 'n_9'], [middle, 'n_15'], ['n_16']],
    join: 'join_17',
    joinOn: ['n_9', 'n_15', 'n_16'],
  };
  return composeWorkload('crazy_nested_fork_join', ['n_1', outer, 'n_18']);
}

/** The same shape with a loop in one of its branches, a child run in another, and a loop inside a fork inside a branch. */
export function nestedOperators(): Workload {
  const inner: Piece = {
    fork: 'fork_4',
    branches: [['n_5'], [{ loop: 'loop_6', times: 2, body: 'n_6' }, 'n_7']],
    join: 'join_8',
    joinOn: ['n_5', 'n_7'],
  };
  const outer: Piece = {
    fork: 'fork_2',
    branches: [
      ['n_3', inner, 'n_9'],
      [{ child: 'child_10' }, 'n_11'],
      [{ loop: 'loop_12', times: 3, body: 'n_12' }, 'n_13'],
    ],
    join: 'join_14',
    joinOn: ['n_9', 'n_11', 'n_13'],
  };
  return composeWorkload('nested_operators', ['n_1', outer, 'n_15']);
}

/** A step, a WAIT of a second, and a step. */
export function waitingChain(): Workload {
  return composeWorkload('waiting_chain', ['before', { wait: 'wait' }, 'after']);
}

/** Two branches, one with a WAIT of a second in its middle, and a step after their join. */
export function waitingFork(): Workload {
  const fork: Piece = {
    fork: 'fork',
    branches: [
      ['a_1', { wait: 'wait' }, 'a_2'],
      ['b_1', 'b_2'],
    ],
    join: 'join',
    joinOn: ['a_2', 'b_2'],
  };
  return composeWorkload('waiting_fork', ['before', fork, 'after']);
}

/** Steps one after the other. */
export function chain(length: number): Workload {
  const steps = Array.from({ length }, (_, index) => `s_${index}`);
  return composeWorkload(`chain_${length}`, steps);
}

/** A full tree of forks: width ^ depth leaves, a step before each fork and one after each join. */
export function tree(depth: number, width: number): Workload {
  const grow = (path: string, left: number): readonly Piece[] => {
    if (left === 0) return [`leaf${path}`];
    const paths = Array.from({ length: width }, (_, index) => `${path}_${index}`);
    const ends = paths.map((each) => (left === 1 ? `leaf${each}` : `after${each}`));
    return [
      {
        fork: `fork${path}`,
        branches: paths.map((each) => grow(each, left - 1)),
        join: `join${path}`,
        joinOn: ends,
      },
      `after${path}`,
    ];
  };
  return composeWorkload(`tree_${depth}_${width}`, ['root', ...grow('', depth)]);
}

/** Branches that are in the definition, then one step over all of them. */
export function wideFork(width: number): Workload {
  const refs = Array.from({ length: width }, (_, index) => `b_${index}`);
  const branches = refs.map((ref) => [ref]);
  return composeWorkload(`wide_fork_${width}`, [
    'before',
    { fork: 'fork', branches, join: 'join', joinOn: refs },
    'after',
  ]);
}

/** Branches that are made at run time, as many as liked; the step after them takes the first and the last. */
export function dynamicFork(width: number): Workload {
  const name = `dynamic_fork_${width}`;
  const refs = Array.from({ length: width }, (_, index) => `_fork_${STEP_TASK}_${index}`);
  const ends = [...new Set([refs[0] ?? '', refs[width - 1] ?? ''])];
  const after = {
    ref: 'after',
    seed: '${workflow.input.seed}',
    from: ends.map((ref) => `\${join.output.${ref}.value}`),
  };
  return {
    name,
    definition: {
      name,
      tasks: [
        {
          name: 'fork',
          taskReferenceName: 'fork',
          type: 'FORK_JOIN_DYNAMIC',
          inputParameters: {
            forkTaskName: STEP_TASK,
            forkTaskInputs: '${workflow.input.branches}',
          },
        },
        { name: 'join', taskReferenceName: 'join', type: 'JOIN' },
        {
          name: STEP_TASK,
          taskReferenceName: 'after',
          type: 'SIMPLE',
          inputParameters: after,
        },
      ],
    },
    input: (seed) => ({ seed, branches: refs.map((ref) => ({ ref, seed, from: [] })) }),
    steps: new Map<string, readonly string[]>([
      ...refs.map((ref) => [ref, []] as const),
      ['after', ends],
    ]),
    joins: new Map([['join', refs]]),
  };
}

function workerStep(ref: string, from: readonly string[]): JsonObject {
  const inputParameters = { ref, seed: '${workflow.input.seed}', from };
  return { name: STEP_TASK, taskReferenceName: ref, type: 'SIMPLE', inputParameters };
}

/** A run whose step `before` is done by a child run, with a step after it and, if wished, one in front of it. */
export function family({ hasFirst = false } = {}): Workload {
  const child = {
    name: 'family_child',
    tasks: [workerStep('before', [])],
    outputParameters: { value: '${before.output.value}' },
  };
  const before = {
    name: 'before',
    taskReferenceName: 'before',
    type: 'SUB_WORKFLOW',
    subWorkflowParam: { workflowDefinition: child },
    inputParameters: { seed: '${workflow.input.seed}' },
  };
  return {
    name: 'family',
    definition: {
      name: 'family',
      tasks: [
        ...(hasFirst ? [workerStep('first', [])] : []),
        before,
        workerStep('after', ['${before.output.value}']),
      ],
    },
    input: (seed) => ({ seed }),
    steps: new Map<string, readonly string[]>([
      ...(hasFirst ? [['first', []] as const] : []),
      ['before', []],
      ['after', ['before']],
    ]),
    joins: new Map(),
  };
}
