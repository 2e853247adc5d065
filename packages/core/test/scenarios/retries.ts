import type { Json, JsonObject } from '@joinery/core';
import { choose, fork, simple } from '../flow.ts';
import { loop, sub, type Scenario } from './scenario.ts';

/** A task with so many retries, ten seconds apart. */
const retried = (ref: string, retryCount: number, more: JsonObject = {}): JsonObject => {
  const taskDefinition = { name: ref, retryDelaySeconds: 10, responseTimeoutSeconds: 0, ...more };
  return simple(ref, { retryCount, taskDefinition });
};
const last = simple('last');
const twice: JsonObject = { retryPolicy: { retryCount: 1 } };
const tasks: readonly Json[] = [retried('a', 2), last];

/** What is tried again is a new row, after those that were there; it waits for its delay. */
export const retries: readonly Scenario[] = [
  {
    name: 'a loop is tried again as a whole, and then the run fails',
    tasks: [loop('l', 2, [simple('a')], twice), last],
    acts: ['finish a__1', 'fail a__2', 'finish a__1', 'fail a__2'],
    rows: 'l:CANCELED a__1 a__2:FAILED',
    status: 'FAILED',
  },
  {
    name: 'a failed task waits for its second attempt',
    tasks,
    acts: ['fail a', 'pass 9999'],
    rows: 'a:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'the second attempt succeeds',
    tasks,
    acts: ['fail a', 'pass 10000', 'finish a', 'finish last'],
    rows: 'a last',
    status: 'COMPLETED',
  },
  {
    name: 'the last attempt succeeds',
    tasks,
    acts: ['fail a', 'pass 10000', 'fail a', 'pass 10000', 'finish a'],
    rows: 'a last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'all attempts fail',
    tasks,
    acts: ['fail a', 'pass 10000', 'fail a', 'pass 10000', 'fail a'],
    rows: 'a:FAILED',
    status: 'FAILED',
    reason: 'no luck',
  },
  {
    name: 'a failure for good is not tried again',
    tasks,
    acts: ['kill a'],
    rows: 'a:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
    reason: 'hopeless',
  },
  {
    name: 'the second attempt fails for good',
    tasks,
    acts: ['fail a', 'pass 10000', 'kill a'],
    rows: 'a:FAILED_WITH_TERMINAL_ERROR',
    status: 'FAILED',
  },
  {
    name: 'the count of the task goes before that of its definition',
    tasks: [retried('a', 0, { retryCount: 5 })],
    acts: ['fail a'],
    rows: 'a:FAILED',
    status: 'FAILED',
  },
  {
    name: 'linear delays grow',
    tasks: [retried('a', 2, { retryLogic: 'LINEAR_BACKOFF', timeoutSeconds: 0 })],
    acts: ['fail a', 'pass 10000', 'fail a', 'pass 20000', 'fail a'],
    rows: 'a:FAILED',
    status: 'FAILED',
  },
  {
    name: 'exponential delays double',
    tasks: [retried('a', 3, { retryLogic: 'EXPONENTIAL_BACKOFF' })],
    acts: ['fail a', 'pass 10000', 'fail a', 'pass 20000', 'fail a', 'pass 40000', 'finish a'],
    rows: 'a',
    status: 'COMPLETED',
  },
  {
    name: 'an optional task is forgiven after its retries',
    tasks: [{ ...retried('a', 1), optional: true }, last],
    acts: ['fail a', 'pass 10000', 'fail a'],
    rows: 'a:COMPLETED_WITH_ERRORS last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a permissive task is endured after its retries',
    tasks: [{ ...retried('a', 1), permissive: true }, last],
    acts: ['fail a', 'pass 10000', 'fail a', 'finish last'],
    rows: 'a:FAILED last',
    status: 'FAILED',
  },
  {
    name: 'a join waits for a branch that is tried again',
    tasks: [...fork('f', [[retried('a', 1)], [simple('b')]], ['a', 'b']), last],
    acts: ['fail a', 'finish b', 'pass 10000', 'finish a'],
    rows: 'f b f_join a last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'the retries of a branch are used up',
    tasks: [...fork('f', [[retried('a', 1)], [simple('b')]], ['a', 'b']), last],
    acts: ['fail a', 'pass 10000', 'fail a'],
    rows: 'f b:CANCELED f_join:CANCELED a:FAILED',
    status: 'FAILED',
  },
  {
    name: 'a task in a case is tried again there',
    tasks: [choose('s', 'y', { y: [retried('a', 1), simple('b')] }), last],
    acts: ['fail a', 'pass 10000', 'finish a', 'finish b'],
    rows: 's a b last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'each iteration has retries of its own',
    tasks: [loop('l', 2, [retried('a', 1)]), last],
    acts: ['fail a__1', 'pass 10000', 'finish a__1', 'fail a__2', 'pass 10000', 'finish a__2'],
    rows: 'l a__1 a__2 last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a run that carries out a task is asked for again',
    tasks: [
      sub('c', { taskDefinition: { name: 'c', retryCount: 1, retryDelaySeconds: 10 } }),
      last,
    ],
    acts: ['child c FAILED', 'pass 10000', 'child c COMPLETED'],
    rows: 'c last:SCHEDULED',
    status: 'RUNNING',
  },
];
