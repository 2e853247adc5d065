import { type JsonObject } from '@joinery/core';
import { chain, fork, nested, wideFork } from './workload-definitions.ts';

/** The shapes of workflow that both engines run. */
export const WORKLOADS = ['W1', 'W2', 'W3', 'W4'] as const;
/**
 * One of {@link WORKLOADS}: W1 is a chain of 5 tasks; W2 a task, a fork of 10, a join and a task; W3 one wide fork and
 * its join; W4 three nested levels of fork × 3, a join at each level, and a final task.
 */
export type WorkloadName = (typeof WORKLOADS)[number];

/** What can be measured: the workloads, and one BullMQ job that is added and processed. */
export const MEASURED = [...WORKLOADS, 'rawJob'] as const;
/** One of {@link MEASURED}. */
export type MeasuredName = (typeof MEASURED)[number];

/** How a workload is measured unless the command says otherwise. */
export interface LoadShape {
  /** Workflows under way at a time in the closed loop. */
  readonly inflight: number;
  /** Workflows that wait for a worker while memory is read. */
  readonly pendingCount: number;
  /** Workflows run one by one. */
  readonly idleCount: number;
  /** Starts per second when latency under load is measured; 0 = it is not. */
  readonly ratePerSecond: number;
}

/** One shape of workflow, for both engines. */
export interface Workload {
  readonly name: MeasuredName;
  /** Tasks that a worker runs, per workflow: joins are none, also where BullMQ needs a job for one. */
  readonly taskCount: number;
  /** Task types; each is a queue, with both engines. */
  readonly types: readonly string[];
  /** BullMQ's queues: the types, and one for joins where no task of the workload waits for the branches. */
  readonly queues: readonly string[];
  /** The queue whose job ends a workflow of BullMQ. */
  readonly lastQueue: string;
  readonly definition: JsonObject;
  readonly input: JsonObject;
  /** What each task is given and returns, and what the workflow returns. */
  readonly payload: string;
  readonly load: LoadShape;
}

/** 100 bytes, in each task. */
export const PAYLOAD = 'x'.repeat(100);
/** In forks of more than 10,000 branches: the list of 100,000 payloads would exceed the limit of one input. */
const SMALL_PAYLOAD = 'x'.repeat(10);

/** Branches of W3 unless the command says otherwise. */
export const WIDE_FORK = 1_000;
const FORK_WIDTH = 10;
const NEST_WIDTH = 3;

const BUSY: Omit<LoadShape, 'ratePerSecond'> = { inflight: 64, pendingCount: 500, idleCount: 100 };

/** The workload of this name; `branches` is W3's width. */
export function workloadOf(name: MeasuredName, branches: number = WIDE_FORK): Workload {
  switch (name) {
    case 'W1':
      return chainOf(name, 5, { ...BUSY, ratePerSecond: 50 });
    case 'rawJob':
      return chainOf(name, 1, { ...BUSY, ratePerSecond: 0 });
    case 'W2':
      return forkOf(FORK_WIDTH);
    case 'W3':
      return wideOf(branches);
    case 'W4':
      return nestedOf(NEST_WIDTH);
  }
}

/** Branches of one fork of the workload; 0 when it has none. */
export function forkWidthOf({ name, taskCount }: Workload): number {
  const widths: Record<MeasuredName, number> = {
    W1: 0,
    rawJob: 0,
    W2: FORK_WIDTH,
    W3: taskCount,
    W4: NEST_WIDTH,
  };
  return widths[name];
}

function chainOf(name: MeasuredName, length: number, load: LoadShape): Workload {
  const types = Array.from({ length }, (_, index) => `step${index + 1}`);
  return {
    name,
    taskCount: length,
    types,
    queues: types,
    lastQueue: types.at(-1) ?? '',
    definition: chain(name, types),
    input: { payload: PAYLOAD },
    payload: PAYLOAD,
    load,
  };
}

function forkOf(width: number): Workload {
  const types = ['first', 'branch', 'last'];
  return {
    name: 'W2',
    taskCount: width + 2,
    types,
    queues: types,
    lastQueue: 'last',
    definition: fork('W2', width),
    input: { payload: PAYLOAD },
    payload: PAYLOAD,
    load: { ...BUSY, ratePerSecond: 20 },
  };
}

function wideOf(width: number): Workload {
  const payload = width > 10_000 ? SMALL_PAYLOAD : PAYLOAD;
  // Ten thousand tasks in each figure, and at least one workflow.
  const few = Math.max(1, Math.floor(10_000 / width));
  return {
    name: 'W3',
    taskCount: width,
    types: ['branch'],
    queues: ['branch', 'join'],
    lastQueue: 'join',
    definition: wideFork('W3', 'branch'),
    input: { branches: Array.from({ length: width }, () => ({ payload })) },
    payload,
    load: { inflight: 1, pendingCount: Math.min(5, few), idleCount: few, ratePerSecond: 0 },
  };
}

function nestedOf(width: number): Workload {
  return {
    name: 'W4',
    taskCount: width ** 3 + 1,
    types: ['leaf', 'last'],
    queues: ['leaf', 'join', 'last'],
    lastQueue: 'last',
    definition: nested('W4', width, 3),
    input: { payload: PAYLOAD },
    payload: PAYLOAD,
    load: { ...BUSY, pendingCount: 100, ratePerSecond: 10 },
  };
}

/** Whether Joinery can run it too. */
export function isWorkload(name: MeasuredName): name is WorkloadName {
  return name !== 'rawJob';
}
