import type { Json, JsonObject } from '@joinery/core';
import { choose, fork, simple } from '../flow.ts';
import { end, loop, sub, type Act, type Scenario } from './scenario.ts';

const three = (at = '', more: JsonObject = {}): readonly Json[] =>
  ['a', 'b', 'c'].map((ref) => simple(ref, ref === at ? more : {}));
const branched = (more: JsonObject = {}, joinOn = ['a2', 'b']): readonly Json[] => [
  ...fork('f', [[simple('a', more), simple('a2')], [simple('b')]], joinOn),
  simple('last'),
];
const cased = (more: JsonObject = {}): readonly Json[] => [
  choose('s', 'yes', { yes: [simple('y', more), simple('y2')] }),
  simple('last'),
];
const looped = (more: JsonObject = {}): readonly Json[] => [
  loop('l', 2, [simple('a', more), simple('b')]),
  simple('last'),
];
const optional = { optional: true };
const permissive = { permissive: true };

const failed = (each: Omit<Scenario, 'status'>): Scenario => ({ ...each, status: 'FAILED' });

const inSequence = [
  ['first', ['fail a'], 'a:FAILED'],
  ['middle', ['finish a', 'fail b'], 'a b:FAILED'],
  ['last', ['finish a', 'finish b', 'fail c'], 'a b c:FAILED'],
] as const;

/** The run ends at once, and what is open is canceled. */
const ending: readonly Scenario[] = [
  ...inSequence.map(([place, acts, rows]) =>
    failed({ name: `the ${place} of three fails`, tasks: three(), acts, rows, reason: 'no luck' }),
  ),
  failed({
    name: 'the only task fails',
    tasks: [simple('a')],
    acts: ['fail a'],
    rows: 'a:FAILED',
    reason: "Task a failed with status: FAILED and reason: 'no luck'",
  }),
  failed({
    name: 'the first task of a branch fails',
    tasks: branched(),
    acts: ['fail a'],
    rows: 'f a:FAILED b:CANCELED f_join:CANCELED',
  }),
  failed({
    name: 'the last task of a branch fails',
    tasks: branched(),
    acts: ['finish a', 'fail a2'],
    rows: 'f a b:CANCELED f_join:CANCELED a2:FAILED',
  }),
  failed({
    name: 'a branch fails when its neighbour is done',
    tasks: branched(),
    acts: ['finish b', 'fail a'],
    rows: 'f a:FAILED b f_join:CANCELED',
  }),
  failed({
    name: 'a branch fails that its join does not name',
    tasks: branched({}, ['a2']),
    acts: ['fail b'],
    rows: 'f a:CANCELED b:FAILED f_join:CANCELED',
  }),
  failed({
    name: 'the first task of a case fails',
    tasks: cased(),
    acts: ['fail y'],
    rows: 's y:FAILED',
  }),
  failed({
    name: 'the last task of a case fails',
    tasks: cased(),
    acts: ['finish y', 'fail y2'],
    rows: 's y y2:FAILED',
  }),
  failed({
    name: 'the first task of an iteration fails',
    tasks: looped(),
    acts: ['finish a__1', 'finish b__1', 'fail a__2'],
    rows: 'l:CANCELED a__1 b__1 a__2:FAILED',
  }),
  failed({
    name: 'the last task of the first iteration fails',
    tasks: looped(),
    acts: ['finish a__1', 'fail b__1'],
    rows: 'l:CANCELED a__1 b__1:FAILED',
  }),
  failed({
    name: 'the last task of all iterations fails',
    tasks: looped(),
    acts: ['finish a__1', 'finish b__1', 'finish a__2', 'fail b__2'],
    rows: 'l:CANCELED a__1 b__1 a__2 b__2:FAILED',
  }),
  failed({
    name: 'the task after a join fails',
    tasks: branched(),
    acts: ['finish a', 'finish b', 'finish a2', 'fail last'],
    rows: 'f a b f_join a2 last:FAILED',
  }),
  failed({
    name: 'a run that carries out a task fails',
    tasks: [sub('c'), simple('last')],
    acts: ['child c FAILED'],
    rows: 'c:FAILED',
  }),
  {
    name: 'a run that carries out a task times out',
    tasks: [sub('c'), simple('last')],
    acts: ['child c TIMED_OUT'],
    rows: 'c:TIMED_OUT',
    status: 'TIMED_OUT',
  },
  {
    name: 'a run that carries out a task is terminated',
    tasks: [sub('c'), simple('last')],
    acts: ['child c CANCELED'],
    rows: 'c:CANCELED',
    status: 'TERMINATED',
  },
  failed({
    name: 'a TERMINATE in an iteration fails the run',
    tasks: [loop('l', 3, [simple('a'), end('t', 'FAILED')])],
    acts: ['finish a__1'],
    rows: 'l:CANCELED a__1 t__1',
  }),
];

/** What is optional is COMPLETED_WITH_ERRORS, and the flow goes on. */
const forgiven: readonly Scenario[] = [
  ...inSequence.map(([place, acts], index): Scenario => {
    const ref = ['a', 'b', 'c'][index] ?? '';
    const rest = ['a', 'b', 'c'].slice(index + 1).map((each): Act => `finish ${each}`);
    return {
      name: `the ${place} of three fails, optional`,
      tasks: three(ref, optional),
      acts: [...acts, ...rest],
      rows: 'a b c'.replace(ref, `${ref}:COMPLETED_WITH_ERRORS`),
      status: 'COMPLETED',
    };
  }),
  {
    name: 'an optional task in a branch fails, and the branch goes on',
    tasks: branched(optional),
    acts: ['fail a', 'finish a2', 'finish b', 'finish last'],
    rows: 'f a:COMPLETED_WITH_ERRORS b f_join a2 last',
    status: 'COMPLETED',
  },
  {
    name: 'an optional task that a join names fails',
    tasks: branched(optional, ['a', 'b']),
    acts: ['fail a', 'finish b', 'finish a2', 'finish last'],
    rows: 'f a:COMPLETED_WITH_ERRORS b f_join:COMPLETED_WITH_ERRORS a2 last',
    status: 'COMPLETED',
  },
  {
    name: 'an optional task in a case fails',
    tasks: cased(optional),
    acts: ['fail y', 'finish y2', 'finish last'],
    rows: 's y:COMPLETED_WITH_ERRORS y2 last',
    status: 'COMPLETED',
  },
  {
    name: 'an optional task fails in each iteration',
    tasks: looped(optional),
    acts: ['fail a__1', 'finish b__1', 'fail a__2', 'finish b__2', 'finish last'],
    rows: 'l a__1:COMPLETED_WITH_ERRORS b__1 a__2:COMPLETED_WITH_ERRORS b__2 last',
    status: 'COMPLETED',
  },
  {
    name: 'an optional run fails',
    tasks: [sub('c', optional), simple('last')],
    acts: ['child c FAILED', 'finish last'],
    rows: 'c:COMPLETED_WITH_ERRORS last',
    status: 'COMPLETED',
  },
  {
    name: 'an optional task fails for good',
    tasks: three('a', optional),
    acts: ['kill a'],
    rows: 'a:COMPLETED_WITH_ERRORS b:SCHEDULED',
    status: 'RUNNING',
  },
];

/** What is permissive stays FAILED, the flow goes on, and the run fails at its end. */
const endured: readonly Scenario[] = [
  ...inSequence.map(([place, acts, rows], index): Scenario => {
    const rest = ['a', 'b', 'c'].slice(index + 1);
    return failed({
      name: `the ${place} of three fails, permissive`,
      tasks: three(['a', 'b', 'c'][index], permissive),
      acts: [...acts, ...rest.map((each): Act => `finish ${each}`)],
      rows: [rows, ...rest].join(' '),
    });
  }),
  {
    name: 'a permissive task has failed and the run is not over',
    tasks: three('a', permissive),
    acts: ['fail a', 'finish b'],
    rows: 'a:FAILED b c:SCHEDULED',
    status: 'RUNNING',
  },
  failed({
    name: 'a permissive task in a branch fails, and the branch goes on',
    tasks: branched(permissive),
    acts: ['fail a', 'finish b', 'finish a2', 'finish last'],
    rows: 'f a:FAILED b f_join a2 last',
  }),
  failed({
    name: 'a permissive task that a join names fails, once all are done',
    tasks: branched(permissive, ['a', 'b']),
    acts: ['fail a', 'finish b'],
    rows: 'f a:FAILED b f_join:FAILED a2:CANCELED',
  }),
  failed({
    name: 'a permissive task in a case fails',
    tasks: cased(permissive),
    acts: ['fail y', 'finish y2', 'finish last'],
    rows: 's y:FAILED y2 last',
  }),
  failed({
    name: 'a permissive task fails in an iteration',
    tasks: looped(permissive),
    acts: ['fail a__1', 'finish b__1', 'finish a__2', 'finish b__2', 'finish last'],
    rows: 'l a__1:FAILED b__1 a__2 b__2 last',
  }),
];

/** A failure in every position. */
export const failures: readonly Scenario[] = [...ending, ...forgiven, ...endured];
