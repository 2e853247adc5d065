import { taskKeyOf, type JsonObject } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { choose, fork, operator, simple, startFlow } from '../../../test/flow.ts';
import { VARIABLES_LIMIT_BYTES } from '../slices/merge-variables.ts';

const skip = (task: string, output: JsonObject = {}) =>
  ({ type: 'skip', task, output, reason: 'not today' }) as const;

const update = (ref: string, attempt = 1) =>
  ({ type: 'update-task', key: taskKeyOf(ref), attempt, output: { n: 1 }, reason: '' }) as const;

describe('skipping', () => {
  it('passes a task by when the flow comes to it, with the output that was given', () => {
    const flow = startFlow([
      simple('a'),
      simple('b'),
      simple('c', { inputParameters: { x: '${b.output.n}' } }),
    ]);
    expect(flow.operate(skip('b', { n: 7 }))).toBeNull();
    expect(flow.reconcile()).toEqual([]);
    flow.finish('a');
    expect(flow.row('b')).toMatchObject({ status: 'SKIPPED', attempt: 1, reason: 'not today' });
    expect(flow.waiting).toEqual(['c']);
    expect(flow.data('i:c')).toEqual({ x: 7 });
    expect(flow.finish('c').status).toBe('COMPLETED');
    expect(flow.repairs).toEqual([]);
  });

  it('arrives at a join like a task that was done', () => {
    const flow = startFlow([
      ...fork('f', [[simple('a'), simple('a2')], [simple('b')]], ['a2', 'b']),
    ]);
    flow.operate(skip('a2'));
    flow.finish('b').finish('a');
    expect(flow.statuses).toMatchObject({ a2: 'SKIPPED', f_join: 'COMPLETED' });
    expect(flow.status).toBe('COMPLETED');
  });

  it('leaves it to a decision of its own to judge the join: a worker may arrive at the same time', () => {
    const flow = startFlow([
      ...fork('f', [[simple('a'), simple('a2')], [simple('b')]], ['a2', 'b']),
    ]);
    flow.operate(skip('a2'));
    flow.store('a');
    expect(flow.decideOnce().hasMore).toBe(true);
    expect(flow.row('a2')).toMatchObject({ status: 'SKIPPED', isSettled: false });
    flow.store('b');
    expect(flow.row('b')?.isSettled).toBe(false);
    expect(flow.settle().status).toBe('COMPLETED');
  });

  it('skips a switch with all of its cases, for the joins that name them too', () => {
    const inner = choose('s', 'one', { one: [simple('c')] });
    const flow = startFlow([...fork('f', [[simple('a'), inner], [simple('b')]], ['c', 'b'])]);
    flow.operate(skip('s', { selectedCase: 'one' }));
    flow.finish('a').finish('b');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.row('c')).toBeUndefined();
  });

  it('means the present iteration of a loop, or the one that its key names', () => {
    const body = [simple('x'), simple('y')];
    const flow = startFlow([
      operator('DO_WHILE', 'l', {
        loopCondition: `if ($.l['iteration'] < 3) { true; } else { false; }`,
        loopOver: body,
      }),
    ]);
    expect(flow.operate(skip('y'))).toBeNull();
    expect(flow.operate(skip('x__3'))).toBeNull();
    flow.finish('x__1').finish('x__2').finish('y__2').finish('y__3');
    expect(flow.status).toBe('COMPLETED');
    const skipped = Object.entries(flow.statuses).filter(([, status]) => status === 'SKIPPED');
    expect(skipped.map(([key]) => key)).toEqual(['y__1', 'x__3']);
  });

  it('is refused for forks, for what the flow has reached, for what is not there, and at the end', () => {
    const flow = startFlow([simple('a'), ...fork('f', [[simple('b')]], ['b'])]);
    expect(flow.operate(skip('f'))).toBe('JN_TASK_NOT_SKIPPABLE');
    expect(flow.operate(skip('a'))).toBe('JN_TASK_NOT_SKIPPABLE');
    expect(flow.operate(skip('z'))).toBe('JN_TASK_NOT_FOUND');
    expect(flow.operate(skip('b__1'))).toBe('JN_TASK_NOT_FOUND');
    flow.operate('terminate');
    expect(flow.operate(skip('b'))).toBe('JN_RUN_ENDED');
  });

  it('asked for twice changes nothing, and is forgotten by a restart', () => {
    const flow = startFlow([simple('a'), simple('b')]);
    flow.operate(skip('b'));
    const version = flow.model.history.length;
    flow.operate(skip('b'));
    expect(flow.model.history).toHaveLength(version);
    flow.operate('terminate');
    flow.operate({ type: 'restart', reason: 'anew' });
    flow.finish('a');
    expect(flow.waiting).toEqual(['b']);
  });
});

describe('setting variables', () => {
  it('merges them into those of the run, also while it is paused', () => {
    const flow = startFlow([
      operator('SET_VARIABLE', 'v', { inputParameters: { n: 1, m: 1 } }),
      simple('a'),
      simple('b', { inputParameters: { n: '${workflow.variables.n}' } }),
    ]);
    flow.operate('pause');
    const variables = { n: 2 };
    expect(flow.operate({ type: 'set-variables', variables, reason: 'r' })).toBeNull();
    expect(flow.data('run:variables')).toEqual({ n: 2, m: 1 });
    flow.operate('resume');
    flow.finish('a');
    expect(flow.data('i:b')).toEqual({ n: 2 });
    expect(flow.events('run.variables-set')).toEqual([
      { type: 'run.variables-set', names: ['n'], reason: 'r' },
    ]);
  });

  it('is refused when they are too many, and when the run has ended', () => {
    const flow = startFlow([simple('a')]);
    const variables = { text: 'x'.repeat(VARIABLES_LIMIT_BYTES) };
    const operation = { type: 'set-variables', variables, reason: '' } as const;
    expect(flow.operate(operation)).toBe('JN_PAYLOAD_TOO_LARGE');
    expect(flow.finish('a').operate(operation)).toBe('JN_RUN_ENDED');
  });
});

describe('updating a task that waits', () => {
  it('keeps its output, and neither ends nor delays it', () => {
    const wait = operator('WAIT', 'w', { inputParameters: { duration: '10 seconds' } });
    const flow = startFlow([wait]).pass(4_000);
    expect(flow.operate(update('w'))).toBeNull();
    expect(flow.row('w')?.status).toBe('IN_PROGRESS');
    expect(flow.data('o:w')).toEqual({ n: 1 });
    expect(flow.pass(5_999).status).toBe('RUNNING');
    expect(flow.pass(1).status).toBe('COMPLETED');
  });

  it('is refused for other tasks, other attempts and those that have ended', () => {
    const flow = startFlow([simple('a'), operator('HUMAN', 'h')]);
    expect(flow.operate(update('a'))).toBe('JN_TASK_NOT_OPEN');
    expect(flow.operate(update('h'))).toBe('JN_TASK_NOT_FOUND');
    flow.finish('a');
    expect(flow.operate(update('h', 2))).toBe('JN_TASK_NOT_OPEN');
    expect(flow.operate(update('h'))).toBeNull();
  });
});
