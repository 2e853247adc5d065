import { type JsonObject } from '@joinery/core';

/** The shapes of workflow that are measured. */
export const WORKLOADS = ['W1', 'W2'] as const;
/** One of {@link WORKLOADS}: W1 is a chain of 5 tasks; W2 a task, a fork of 10, a join and a task. */
export type WorkloadName = (typeof WORKLOADS)[number];

/** One shape of workflow, for both engines. */
export interface Workload {
  readonly name: WorkloadName;
  /** Tasks that a worker runs, per workflow. */
  readonly taskCount: number;
  /** Task types; each is a queue, with both engines. */
  readonly types: readonly string[];
  /** The task of which the workflow's result is the output. */
  readonly lastRef: string;
  readonly definition: JsonObject;
}

/** What each task is given and returns: 100 bytes. */
export const PAYLOAD = 'x'.repeat(100);

/** Tasks of one type that one worker runs at once, with both engines. */
export const WORKER_CONCURRENCY = 50;

/** Branches of W2. */
export const FORK_WIDTH = 10;

/** How a task's input is made: from the output of another, so that data really flows. */
function task(type: string, ref: string, payload: string): JsonObject {
  return { name: type, taskReferenceName: ref, type: 'SIMPLE', inputParameters: { payload } };
}

const CHAIN = ['step1', 'step2', 'step3', 'step4', 'step5'];

const chain: Workload = {
  name: 'W1',
  taskCount: CHAIN.length,
  types: CHAIN,
  lastRef: 'step5',
  definition: {
    name: 'W1',
    tasks: CHAIN.map((ref, index) =>
      task(ref, ref, index === 0 ? '${workflow.input.payload}' : `\${step${index}.output.payload}`),
    ),
  },
};

const branches = Array.from({ length: FORK_WIDTH }, (_, index) => `branch${index + 1}`);

const fork: Workload = {
  name: 'W2',
  taskCount: FORK_WIDTH + 2,
  types: ['first', 'branch', 'last'],
  lastRef: 'last',
  definition: {
    name: 'W2',
    tasks: [
      task('first', 'first', '${workflow.input.payload}'),
      {
        name: 'fork',
        taskReferenceName: 'fork',
        type: 'FORK_JOIN',
        forkTasks: branches.map((ref) => [task('branch', ref, '${first.output.payload}')]),
      },
      { name: 'join', taskReferenceName: 'join', type: 'JOIN', joinOn: branches },
      task('last', 'last', '${branch1.output.payload}'),
    ],
  },
};

/** The workload of this name. */
export function workloadOf(name: WorkloadName): Workload {
  return name === 'W1' ? chain : fork;
}
