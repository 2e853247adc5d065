import type { Json } from '@joinery/core';
import { choose, fork, simple } from '../flow.ts';
import { dynamic, end, loop, sub, type Act, type Scenario } from './scenario.ts';

const last = simple('last');
const branched: readonly Json[] = [
  ...fork('f', [[simple('a'), simple('a2')], [simple('b')]], ['a2', 'b']),
  last,
];
const looped: readonly Json[] = [loop('l', 2, [simple('a'), simple('b')]), last];
const cased: readonly Json[] = [choose('s', 'y', { y: [simple('y'), simple('y2')] }), last];
const refused = (act: Act, code: string): Act => ({ act, refused: code });
const all: readonly Act[] = ['finish a', 'finish b', 'finish a2', 'finish last'];
const iterations: readonly Act[] = [1, 2].flatMap((n): readonly Act[] => [
  `finish a__${n}`,
  `finish b__${n}`,
]);

const retries: readonly Scenario[] = [
  {
    name: 'retry of a task in a sequence',
    tasks: [simple('a'), simple('b'), last],
    acts: ['finish a', 'fail b', 'retry', 'finish b', 'finish last'],
    rows: 'a b last',
    status: 'COMPLETED',
  },
  {
    name: 'retry of a branch opens the join in its place',
    tasks: branched,
    acts: ['finish b', 'fail a', 'retry'],
    rows: 'f b f_join:IN_PROGRESS a:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'retry of a case',
    tasks: cased,
    acts: ['finish y', 'fail y2', 'retry', 'finish y2', 'finish last'],
    rows: 's y y2 last',
    status: 'COMPLETED',
  },
  {
    name: 'retry of an iteration opens the loop in its place',
    tasks: looped,
    acts: ['finish a__1', 'finish b__1', 'fail a__2', 'retry', 'finish a__2', 'finish b__2'],
    rows: 'l a__1 b__1 a__2 b__2 last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'retry goes on after a loop, also while a permissive task of it is tried again',
    tasks: [loop('l', 1, [simple('a', { permissive: true })]), last],
    acts: ['fail a__1', 'kill last', 'retry', 'finish a__1', 'finish last'],
    rows: 'l a__1 last',
    status: 'COMPLETED',
  },
  {
    name: 'retry of a branch that was made at run time',
    tasks: [...dynamic('d', [1, 2]), last],
    acts: ['kill _d_w_0', 'retry', 'finish _d_w_0', 'finish _d_w_1'],
    rows: 'd d_join _d_w_0 _d_w_1 last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'retry asks for another child',
    tasks: [sub('c'), last],
    acts: ['child c FAILED', 'retry', 'child c COMPLETED', 'finish last'],
    rows: 'c last',
    status: 'COMPLETED',
  },
  {
    name: 'retry of a run that was terminated',
    tasks: [simple('a'), last],
    acts: ['terminate', 'retry', 'finish a', 'finish last'],
    rows: 'a last',
    status: 'COMPLETED',
  },
  {
    name: 'retry after a TERMINATE has nothing to try',
    tasks: [end('t', 'FAILED')],
    acts: [refused('retry', 'JN_RUN_NOTHING_TO_RETRY')],
    rows: 't',
    status: 'FAILED',
  },
];

const reruns: readonly Scenario[] = [
  {
    name: 'restart of a run that is complete',
    tasks: [simple('a'), last],
    acts: ['finish a', 'finish last', 'restart'],
    rows: 'a:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'restart runs everything once more',
    tasks: branched,
    acts: [...all, 'restart', ...all],
    rows: 'f a b f_join a2 last',
    status: 'COMPLETED',
  },
  {
    name: 'restart that the definition forbids',
    tasks: [simple('a')],
    workflow: { restartable: false },
    acts: ['finish a', refused('restart', 'JN_RUN_NOT_RESTARTABLE')],
    rows: 'a',
    status: 'COMPLETED',
  },
  {
    name: 'rerun from the middle of a sequence',
    tasks: [simple('a'), simple('b'), last],
    acts: ['finish a', 'finish b', 'finish last', 'rerun b'],
    rows: 'a b:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'rerun from inside a branch leaves its neighbour',
    tasks: branched,
    acts: [...all, 'rerun a2'],
    rows: 'f a b f_join:IN_PROGRESS a2:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'rerun from a fork',
    tasks: branched,
    acts: [...all, 'rerun f'],
    rows: 'f a:SCHEDULED b:SCHEDULED f_join:IN_PROGRESS',
    status: 'RUNNING',
  },
  {
    name: 'rerun from inside a loop goes on in that iteration',
    tasks: looped,
    acts: [...iterations, 'finish last', 'rerun b__1'],
    rows: 'l:IN_PROGRESS a__1 b__1:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'rerun from a loop',
    tasks: looped,
    acts: [...iterations, 'finish last', 'rerun l', ...iterations, 'finish last'],
    rows: 'l a__1 b__1 a__2 b__2 last',
    status: 'COMPLETED',
  },
  {
    name: 'rerun from inside a case',
    tasks: cased,
    acts: ['finish y', 'finish y2', 'finish last', 'rerun y2'],
    rows: 's y y2:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'rerun from a switch',
    tasks: cased,
    acts: ['finish y', 'finish y2', 'finish last', 'rerun s'],
    rows: 's y:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'rerun from a child',
    tasks: [sub('c'), last],
    acts: ['child c COMPLETED', 'finish last', 'rerun c', 'child c COMPLETED', 'finish last'],
    rows: 'c last',
    status: 'COMPLETED',
  },
  {
    name: 'rerun from a task that is not there',
    tasks: [simple('a')],
    acts: ['finish a', refused('rerun nothing', 'JN_TASK_NOT_FOUND')],
    rows: 'a',
    status: 'COMPLETED',
  },
];

/** Runs that have ended and are opened again: what is taken back is a new row when the flow comes by. */
export const resets: readonly Scenario[] = [...retries, ...reruns];
