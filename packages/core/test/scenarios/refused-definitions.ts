import type { Json } from '@joinery/core';
import { choose, fork, operator, simple } from '../flow.ts';
import { loop, type Refusal } from './scenario.ts';

/** Forks in each other, so deep. */
function nested(depth: number): readonly Json[] {
  let tasks: readonly Json[] = [simple('a')];
  for (let level = 0; level < depth; level += 1) tasks = fork(`f${level}`, [tasks], ['a']);
  return tasks;
}

/** What would leave a run standing still, or cannot be told apart, never becomes one. */
export const refusedDefinitions: readonly Refusal[] = [
  { name: 'no tasks', tasks: [], code: 'JN_DEF_SHAPE' },
  { name: 'a fork of nothing', tasks: [...fork('f', [], [])], code: 'JN_DEF_REQUIRED' },
  {
    name: 'a fork without a join',
    tasks: [operator('FORK_JOIN', 'f', { forkTasks: [[simple('a')]] }), simple('b')],
    code: 'JN_DEF_FORK_WITHOUT_JOIN',
  },
  { name: 'a loop over nothing', tasks: [loop('l', 1, [])], code: 'JN_DEF_REQUIRED' },
  { name: 'a switch without cases', tasks: [choose('s', 'x', {})], code: 'JN_DEF_REQUIRED' },
  {
    name: 'a join of a task that is not there',
    tasks: [...fork('f', [[simple('a')]], ['nobody'])],
    code: 'JN_DEF_JOIN_ON',
  },
  { name: 'a reference twice', tasks: [simple('a'), simple('a')], code: 'JN_DEF_DUPLICATE_REF' },
  { name: 'a task that is named __proto__', tasks: [simple('__proto__')], code: 'JN_DEF_REF_NAME' },
  {
    name: 'an optional TERMINATE',
    tasks: [
      operator('TERMINATE', 't', {
        optional: true,
        inputParameters: { terminationStatus: 'COMPLETED' },
      }),
    ],
    code: 'JN_DEF_REQUIRED',
  },
  { name: 'forks 1,000 deep', tasks: nested(1000), code: 'JN_DEF_TOO_LARGE' },
  { name: 'null for a task', tasks: [null], code: 'JN_DEF_SHAPE' },
];
