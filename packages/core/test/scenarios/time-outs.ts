import type { Json, JsonObject } from '@joinery/core';
import { fork, operator, simple } from '../flow.ts';
import { loop, sub, type Scenario } from './scenario.ts';

/** A task that times out by this, with one retry after ten seconds; and one beside it. */
const beside = (more: JsonObject, settings: JsonObject = {}): readonly Json[] => {
  const taskDefinition = { name: 'a', retryDelaySeconds: 10, responseTimeoutSeconds: 0, ...more };
  const a = simple('a', { retryCount: 1, taskDefinition, ...settings });
  return [...fork('f', [[a], [simple('b')]], ['a', 'b']), simple('last')];
};

/** What each policy makes of a task that takes five seconds or more. */
const POLICIES = [
  {
    timeoutPolicy: 'TIME_OUT_WF',
    rows: 'f a:TIMED_OUT b:CANCELED f_join:CANCELED',
    status: 'TIMED_OUT',
  },
  {
    timeoutPolicy: 'RETRY',
    rows: 'f b:SCHEDULED f_join:IN_PROGRESS a:SCHEDULED',
    status: 'RUNNING',
  },
] as const;

const byPolicy: readonly Scenario[] = POLICIES.flatMap(({ timeoutPolicy, rows, status }) => [
  {
    name: `timeoutSeconds with ${timeoutPolicy}`,
    tasks: beside({ timeoutSeconds: 5, timeoutPolicy }),
    acts: ['claim a', 'pass 4999', 'pass 1'],
    rows,
    status,
  },
  {
    name: `pollTimeoutSeconds with ${timeoutPolicy}`,
    tasks: beside({ pollTimeoutSeconds: 5, timeoutPolicy }),
    acts: ['pass 4999', 'pass 1'],
    rows,
    status,
  },
]);

const limited = (timeoutPolicy: string): JsonObject => ({ timeoutSeconds: 9, timeoutPolicy });

/** Time-outs of tasks and runs, with each policy. */
export const timeOuts: readonly Scenario[] = [
  ...byPolicy,
  {
    name: 'timeoutSeconds with ALERT_ONLY',
    tasks: beside({ timeoutSeconds: 5, timeoutPolicy: 'ALERT_ONLY' }),
    acts: ['claim a', 'pass 5000'],
    rows: 'f a:IN_PROGRESS b:SCHEDULED f_join:IN_PROGRESS',
    status: 'RUNNING',
  },
  {
    name: 'pollTimeoutSeconds with ALERT_ONLY',
    tasks: beside({ pollTimeoutSeconds: 5, timeoutPolicy: 'ALERT_ONLY' }),
    acts: ['pass 5000'],
    rows: 'f a:SCHEDULED b:SCHEDULED f_join:IN_PROGRESS',
    status: 'RUNNING',
  },
  ...['TIME_OUT_WF', 'RETRY', 'ALERT_ONLY'].map((timeoutPolicy): Scenario => ({
    name: `responseTimeoutSeconds tries again whatever the policy: ${timeoutPolicy}`,
    tasks: beside({ responseTimeoutSeconds: 5, timeoutPolicy }),
    acts: ['claim a', 'pass 5000'],
    rows: 'f b:SCHEDULED f_join:IN_PROGRESS a:SCHEDULED',
    status: 'RUNNING',
  })),
  {
    name: 'responseTimeoutSeconds when the retries are used up',
    tasks: beside({ responseTimeoutSeconds: 5 }),
    acts: ['claim a', 'pass 5000', 'pass 10000', 'claim a', 'pass 5000'],
    rows: 'f b:CANCELED f_join:CANCELED a:TIMED_OUT',
    status: 'TIMED_OUT',
  },
  {
    name: 'timeoutSeconds just not reached',
    tasks: beside({ timeoutSeconds: 5 }),
    acts: ['claim a', 'pass 4999'],
    rows: 'f a:IN_PROGRESS b:SCHEDULED f_join:IN_PROGRESS',
    status: 'RUNNING',
  },
  {
    name: 'timeoutSeconds of a task that nobody has claimed',
    tasks: beside({ timeoutSeconds: 5 }),
    acts: ['pass 50000'],
    rows: 'f a:SCHEDULED b:SCHEDULED f_join:IN_PROGRESS',
    status: 'RUNNING',
  },
  {
    name: 'totalTimeoutSeconds over all attempts',
    tasks: beside({ totalTimeoutSeconds: 15 }),
    acts: ['fail a', 'pass 10000', 'pass 5000'],
    rows: 'f b:CANCELED f_join:CANCELED a:TIMED_OUT',
    status: 'TIMED_OUT',
    reason: 'total timeout of 15 seconds',
  },
  {
    name: 'an optional task that times out is forgiven',
    tasks: beside({ timeoutSeconds: 5, timeoutPolicy: 'RETRY' }, { optional: true, retryCount: 0 }),
    acts: ['claim a', 'pass 5000', 'finish b', 'finish last'],
    rows: 'f a:COMPLETED_WITH_ERRORS b f_join:COMPLETED_WITH_ERRORS last',
    status: 'COMPLETED',
  },
  {
    name: 'a run that carries out a task takes too long',
    tasks: [
      sub('c', {
        taskDefinition: { name: 'c', timeoutSeconds: 5, responseTimeoutSeconds: 5 },
      }),
    ],
    acts: ['pass 5000'],
    rows: 'c:TIMED_OUT',
    status: 'TIMED_OUT',
  },
  {
    name: 'the time of a run with TIME_OUT_WF',
    tasks: [...beside({})],
    workflow: limited('TIME_OUT_WF'),
    acts: ['claim a', 'pass 8999', 'pass 1'],
    rows: 'f a:CANCELED b:CANCELED f_join:CANCELED',
    status: 'TIMED_OUT',
  },
  {
    name: 'the time of a run with ALERT_ONLY',
    tasks: [...beside({})],
    workflow: limited('ALERT_ONLY'),
    acts: ['pass 9000', 'finish a'],
    rows: 'f a b:SCHEDULED f_join:IN_PROGRESS',
    status: 'RUNNING',
  },
  {
    name: 'the time of a run in an iteration, while somebody is waited for',
    tasks: [loop('l', 2, [operator('HUMAN', 'h')])],
    workflow: limited('TIME_OUT_WF'),
    acts: ['finish h__1', 'pass 9000'],
    rows: 'l:CANCELED h__1 h__2:CANCELED',
    status: 'TIMED_OUT',
  },
];
