import { type HistoryEvent, type RecordedEvent, taskKeyOf, type TaskRow } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { drawRun } from './run-picture.ts';
import { taskSpans } from './task-spans.ts';

const key = taskKeyOf;
const scheduled = (ref: string): HistoryEvent => ({
  type: 'task.scheduled',
  key: key(ref),
  attempt: 1,
  taskType: 'work',
  delayMs: 0,
});
const started = (ref: string, worker: string, delivery = 1): HistoryEvent => ({
  type: 'task.started',
  key: key(ref),
  attempt: 1,
  delivery,
  worker,
  token: `t${delivery}`,
});
const completed = (ref: string, status: 'COMPLETED' | 'FAILED' = 'COMPLETED'): HistoryEvent => ({
  type: 'task.completed',
  key: key(ref),
  attempt: 1,
  status,
  token: 't',
  reason: '',
});
const redelivered = (ref: string): HistoryEvent => ({
  type: 'task.redelivered',
  key: key(ref),
  attempt: 1,
  why: 'claim-ended',
});

function historyOf(...events: readonly (readonly [number, HistoryEvent])[]): RecordedEvent[] {
  return events.map(([at, event], index) => ({ version: index + 1, at, actor: 'test', event }));
}

function rowOf(ref: string, origin: TaskRow['origin'] = null): TaskRow {
  return {
    key: key(ref),
    ref,
    iteration: 0,
    type: 'SIMPLE',
    name: 'work',
    seq: 1,
    status: 'COMPLETED',
    attempt: 1,
    dispatch: 1,
    deliveries: 1,
    maxDeliveries: 20,
    rev: 1,
    token: '',
    worker: '',
    isSettled: true,
    isTail: false,
    joins: {},
    isOptional: false,
    isPermissive: false,
    priority: 0,
    timeoutMs: 0,
    responseTimeoutMs: 0,
    pollTimeoutMs: 0,
    cursor: 0,
    origin,
    reason: '',
    scheduledAt: 0,
    firstScheduledAt: 0,
    startedAt: 0,
    endedAt: 0,
  };
}

describe('the spans of a task', () => {
  it('tell a failed attempt, the wait for the next one, and its success apart', () => {
    const history = historyOf(
      [0, scheduled('a')],
      [10, started('a', 'w1')],
      [15, completed('a', 'FAILED')],
      [15, scheduled('a')],
      [40, started('a', 'w2')],
      [50, completed('a')],
    );
    const spans = taskSpans(history).get(key('a')) ?? [];
    const told = spans.map(({ from, to, kind }) => `${kind} ${from}-${to}`);
    expect(told).toEqual(['waited 0-10', 'failed 10-15', 'waited 15-40', 'ran 40-50']);
  });

  it('show from when to when a task was in the hands of a dead worker', () => {
    const history = historyOf(
      [0, scheduled('a')],
      [0, started('a', 'w1')],
      [3_000, redelivered('a')],
      [3_100, started('a', 'w2', 2)],
      [3_200, completed('a')],
    );
    expect(taskSpans(history).get(key('a'))).toEqual([
      { from: 0, to: 0, kind: 'waited', worker: '' },
      { from: 0, to: 3_000, kind: 'lost', worker: 'w1' },
      { from: 3_000, to: 3_100, kind: 'waited', worker: '' },
      { from: 3_100, to: 3_200, kind: 'ran', worker: 'w2' },
    ]);
  });
});

const simple = (ref: string) => ({ name: 'work', taskReferenceName: ref, type: 'SIMPLE' });

describe('the picture of a run', () => {
  const definition = {
    name: 'small',
    tasks: [
      simple('first'),
      {
        name: 'fork',
        taskReferenceName: 'fork',
        type: 'FORK_JOIN',
        forkTasks: [
          [
            simple('left'),
            {
              name: 'fork',
              taskReferenceName: 'many',
              type: 'FORK_JOIN_DYNAMIC',
              inputParameters: { tasks: '${first.output.tasks}' },
              dynamicForkTasksParam: 'tasks',
              dynamicForkTasksInputParamName: 'inputs',
            },
            { name: 'join', taskReferenceName: 'join_many', type: 'JOIN' },
          ],
          [simple('right')],
        ],
      },
      { name: 'join', taskReferenceName: 'join', type: 'JOIN', joinOn: ['join_many', 'right'] },
      {
        name: 'switch',
        taskReferenceName: 'choice',
        type: 'SWITCH',
        evaluatorType: 'value-param',
        expression: 'x',
        inputParameters: { x: 'taken' },
        decisionCases: { taken: [simple('chosen')], other: [simple('unchosen')] },
      },
    ],
  };

  it('has forks as a tree, branches made at run time in their order, and only cases that were taken', () => {
    const many = key('many');
    const rows = [
      rowOf('second', { fork: many, index: 1 }),
      rowOf('zeroth', { fork: many, index: 0 }),
      rowOf('chosen'),
    ];
    const lines = drawRun({ definition, rows, history: [], workers: new Map(), width: 80 });
    expect(lines.slice(1, -1)).toEqual([
      'first',
      'fork',
      '├─ left',
      '│  many',
      '│  ├─ zeroth',
      '│  └─ second',
      '│  join_many',
      '└─ right',
      'join',
      'choice',
      '└─ chosen',
    ]);
  });

  it('has waiting, running, dying and joining beside it, to scale', () => {
    const history = historyOf(
      [0, scheduled('first')],
      [250, started('first', 'id-1')],
      [500, redelivered('first')],
      [750, started('first', 'id-2', 2)],
      [1_000, completed('first')],
      [1_000, { type: 'join.fired', key: key('join'), status: 'COMPLETED', branches: 2 }],
    );
    const workers = new Map([
      ['id-1', 'w1'],
      ['id-2', 'w2'],
    ]);
    const lines = drawRun({ definition, rows: [], history, workers, width: 72 });
    const first = lines.find((line) => line.startsWith('first'));
    const join = lines.find((line) => line.startsWith('join'));
    expect(first).toMatch(/w1 w2 +250 ms {2}·+×+·+█+$/);
    expect(join).toMatch(/^join +◆$/);
    expect(join?.length).toBe(first?.length);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(72);
  });
});
