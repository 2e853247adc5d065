import type { Json } from '@joinery/core';
import { choose, fork, operator, simple } from '../flow.ts';
import { loop, sub, type Act, type Scenario } from './scenario.ts';

const last = simple('last');
const branched: readonly Json[] = [
  ...fork('f', [[simple('a'), simple('a2')], [simple('b')]], ['a2', 'b']),
  last,
];
const looped: readonly Json[] = [loop('l', 2, [simple('a'), simple('b')]), last];
const cased: readonly Json[] = [choose('s', 'y', { y: [simple('y'), simple('y2')] }), last];
const waited: readonly Json[] = [
  operator('WAIT', 'w', { inputParameters: { duration: '1 seconds' } }),
  last,
];
const refused = (act: Act, code: string): Act => ({ act, refused: code });

const holding: readonly Scenario[] = [
  {
    name: 'pause schedules nothing more',
    tasks: branched,
    acts: ['claim a', 'pause', 'finish a'],
    rows: 'f a b:SCHEDULED f_join:IN_PROGRESS',
    status: 'PAUSED',
  },
  {
    name: 'pause twice is pause',
    tasks: branched,
    acts: ['pause', 'pause'],
    rows: 'f a:SCHEDULED b:SCHEDULED f_join:IN_PROGRESS',
    status: 'PAUSED',
  },
  {
    name: 'resume goes on with what was done meanwhile',
    tasks: branched,
    acts: ['pause', 'finish a', 'finish b', 'resume', 'finish a2', 'finish last'],
    rows: 'f a b f_join a2 last',
    status: 'COMPLETED',
  },
  {
    name: 'resume hears of a failure',
    tasks: branched,
    acts: ['pause', 'fail a', 'resume'],
    rows: 'f a:FAILED b:CANCELED f_join:CANCELED',
    status: 'FAILED',
  },
  {
    name: 'resume between two iterations',
    tasks: looped,
    acts: ['finish a__1', 'pause', 'finish b__1', 'resume'],
    rows: 'l:IN_PROGRESS a__1 b__1 a__2:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a paused run does not wake a WAIT',
    tasks: waited,
    acts: ['pause', 'pass 5000'],
    rows: 'w:IN_PROGRESS',
    status: 'PAUSED',
  },
  {
    name: 'resume wakes a WAIT that is overdue',
    tasks: waited,
    acts: ['pause', 'pass 5000', 'resume'],
    rows: 'w last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a child ends while its parent is paused',
    tasks: [sub('c'), last],
    acts: ['pause', 'child c COMPLETED', 'resume'],
    rows: 'c last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'terminate while paused',
    tasks: branched,
    acts: ['finish b', 'pause', 'terminate'],
    rows: 'f a:CANCELED b f_join:CANCELED',
    status: 'TERMINATED',
    reason: 'because',
  },
  {
    name: 'terminate twice is terminate',
    tasks: [simple('a'), last],
    acts: ['terminate', 'terminate'],
    rows: 'a:CANCELED',
    status: 'TERMINATED',
  },
  {
    name: 'a run that goes on is not resumed, retried or restarted',
    tasks: [simple('a'), last],
    acts: [
      refused('resume', 'JN_RUN_NOT_PAUSED'),
      refused('retry', 'JN_RUN_NOT_ENDED'),
      refused('restart', 'JN_RUN_NOT_ENDED'),
      refused('rerun a', 'JN_RUN_NOT_ENDED'),
    ],
    rows: 'a:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'a run that is over is not paused, resumed or terminated',
    tasks: [simple('a')],
    acts: [
      'finish a',
      refused('pause', 'JN_RUN_ENDED'),
      refused('resume', 'JN_RUN_ENDED'),
      refused('terminate', 'JN_RUN_ENDED'),
      refused('retry', 'JN_RUN_NOTHING_TO_RETRY'),
    ],
    rows: 'a',
    status: 'COMPLETED',
  },
];

const skipped: readonly Scenario[] = [
  {
    name: 'skip of a task that is still to come',
    tasks: [simple('a'), simple('b'), last],
    acts: ['skip b', 'finish a', 'finish last'],
    rows: 'a b:SKIPPED last',
    status: 'COMPLETED',
  },
  {
    name: 'skip of a task in a branch arrives at the join',
    tasks: branched,
    acts: ['skip a2', 'finish b', 'finish a'],
    rows: 'f a b f_join a2:SKIPPED last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'skip of a switch passes its cases by',
    tasks: [simple('a'), ...cased],
    acts: ['skip s', 'finish a'],
    rows: 'a s:SKIPPED last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'skip of a task in the present iteration',
    tasks: looped,
    acts: ['skip b__1', 'finish a__1', 'finish a__2', 'finish b__2'],
    rows: 'l a__1 b__1:SKIPPED a__2 b__2 last:SCHEDULED',
    status: 'RUNNING',
  },
  {
    name: 'skip of a task that is there already',
    tasks: [simple('a')],
    acts: [refused('skip a', 'JN_TASK_NOT_SKIPPABLE')],
    rows: 'a:SCHEDULED',
    status: 'RUNNING',
  },
];

/** What an operator does to a run that goes on, and what is refused. */
export const operations: readonly Scenario[] = [...holding, ...skipped];
