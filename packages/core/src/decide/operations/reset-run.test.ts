import { taskKeyOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { choose, fork, operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

const retry = { type: 'retry', reason: 'mended' } as const;
const restart = { type: 'restart', reason: 'anew' } as const;
const rerun = (ref: string) =>
  ({ type: 'rerun', key: taskKeyOf(ref), reason: 'once more' }) as const;

const loop = (ref: string, times: number, loopOver: readonly ReturnType<typeof simple>[]) =>
  operator('DO_WHILE', ref, {
    inputParameters: { times },
    loopCondition: `if ($.${ref}['iteration'] < $.times) { true; } else { false; }`,
    loopOver,
  });

/** A run of two branches with a task before and one after. */
const branched = (): Flow =>
  startFlow([
    simple('first'),
    ...fork('f', [[simple('a'), simple('a2')], [simple('b')]], ['a2', 'b']),
    simple('last'),
  ]);

describe('retry', () => {
  it('tries what has failed and what was canceled where it stands, and keeps the rest', () => {
    const flow = branched().finish('first').finish('b').fail('a');
    expect(flow.statuses).toMatchObject({ a: 'FAILED', b: 'COMPLETED', f_join: 'CANCELED' });
    expect(flow.operate(retry)).toBeNull();
    expect(flow.status).toBe('RUNNING');
    expect(flow.statuses).toEqual({
      first: 'COMPLETED',
      f: 'COMPLETED',
      b: 'COMPLETED',
      f_join: 'IN_PROGRESS',
      a: 'SCHEDULED',
    });
    expect(flow.row('a')).toMatchObject({ attempt: 2, attemptsBefore: 1 });
    expect(flow.row('b')).toMatchObject({ attempt: 1 });
    expect(flow.finish('a').finish('a2').finish('last').status).toBe('COMPLETED');
    expect(flow.repairs).toEqual([]);
    expect(flow.events('run.reopened')).toEqual([
      { type: 'run.reopened', by: 'retry', from: 'FAILED', reason: 'mended' },
    ]);
  });

  it('gives a task all of its retries again', () => {
    const flow = startFlow([
      simple('a', { retryCount: 1, taskDefinition: { name: 'a', retryDelaySeconds: 0 } }),
    ]);
    flow.fail('a').pass(0).fail('a');
    expect(flow.status).toBe('FAILED');
    flow.operate(retry);
    flow.fail('a').pass(0);
    expect(flow.row('a')).toMatchObject({ attempt: 4, status: 'SCHEDULED' });
    expect(flow.finish('a').status).toBe('COMPLETED');
  });

  it('goes on in the iteration in which a loop has failed', () => {
    const flow = startFlow([loop('l', 3, [simple('x'), simple('y')]), simple('last')]);
    flow.finish('x__1').finish('y__1').finish('x__2').fail('y__2');
    flow.operate(retry);
    expect(flow.statuses).toMatchObject({ l: 'IN_PROGRESS', x__2: 'COMPLETED', y__2: 'SCHEDULED' });
    flow.finish('y__2').finish('x__3').finish('y__3').finish('last');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.repairs).toEqual([]);
  });

  it('acts upon what had ended when the run did, and nobody had acted upon', () => {
    const flow = branched().finish('first');
    flow.store('a').store('b', 'FAILED').settle();
    expect(flow.status).toBe('FAILED');
    flow.operate(retry);
    expect(flow.waiting.toSorted()).toEqual(['a2', 'b']);
  });

  it('tries what was allowed to fail, and what comes after it not again', () => {
    const flow = startFlow([simple('p', { permissive: true }), simple('q')])
      .fail('p')
      .finish('q');
    expect(flow.status).toBe('FAILED');
    flow.operate(retry);
    expect(flow.waiting).toEqual(['p']);
    expect(flow.finish('p').status).toBe('COMPLETED');
    expect(flow.row('q')?.attempt).toBe(1);
  });

  it('is refused while the run goes on, when it is complete, and when a TERMINATE has ended it', () => {
    const flow = branched();
    expect(flow.operate(retry)).toBe('JN_RUN_NOT_ENDED');
    flow.finish('first').finish('a').finish('a2').finish('b').finish('last');
    expect(flow.operate(retry)).toBe('JN_RUN_NOTHING_TO_RETRY');
    const ended = startFlow([
      operator('TERMINATE', 't', { inputParameters: { terminationStatus: 'FAILED' } }),
    ]);
    expect(ended.operate(retry)).toBe('JN_RUN_NOTHING_TO_RETRY');
  });

  it('opens a run again that has timed out, and gives it its time again', () => {
    const workflow = { timeoutSeconds: 10, timeoutPolicy: 'TIME_OUT_WF' };
    const flow = startFlow([simple('a')], { workflow }).pass(10_000);
    expect(flow.status).toBe('TIMED_OUT');
    flow.operate(retry);
    expect(flow.pass(9_000).status).toBe('RUNNING');
    expect(flow.reconcile()).toEqual([]);
    expect(flow.pass(1_000).status).toBe('TIMED_OUT');
  });
});

describe('a run whose tasks were compensated', () => {
  it('is restarted, and compensated again; what is not there any more cannot be kept', () => {
    const done = simple('a', { compensate: simple('undo') });
    const flow = startFlow([done, simple('b')])
      .finish('a')
      .fail('b')
      .finish('undo');
    expect(flow.status).toBe('FAILED');
    expect(flow.operate(retry)).toBe('JN_RUN_COMPENSATED');
    expect(flow.operate(rerun('a'))).toBe('JN_RUN_COMPENSATED');
    expect(flow.operate(restart)).toBeNull();
    flow.finish('a').fail('b');
    expect(flow.waiting).toEqual(['undo']);
    expect(flow.finish('undo').status).toBe('FAILED');
    expect(flow.row('undo')?.attempt).toBe(2);
    expect(flow.operate(restart)).toBeNull();
    expect(flow.finish('a').finish('b').status).toBe('COMPLETED');
  });
});

describe('restart', () => {
  it('begins from the first task, with the variables of the definition', () => {
    const flow = startFlow(
      [operator('SET_VARIABLE', 'v', { inputParameters: { n: 2 } }), simple('a')],
      { workflow: { variables: { n: 1 } } },
    ).finish('a', { old: true });
    expect(flow.operate(restart)).toBeNull();
    expect(flow.row('a')).toMatchObject({ attempt: 2, status: 'SCHEDULED' });
    expect(flow.data('o:a')).toBeNull();
    expect(flow.data('run:variables')).toEqual({ n: 2 });
    expect(flow.finish('a').status).toBe('COMPLETED');
  });

  it('takes late results of earlier attempts for stale', () => {
    const flow = startFlow([simple('a')]).claim('a');
    const { token } = flow.row('a') ?? { token: '' };
    flow.operate('terminate');
    flow.operate(restart);
    const { key } = flow.row('a') ?? { key: taskKeyOf('a') };
    expect(flow.model.complete(key, { token, attempt: 1, status: 'COMPLETED' })).toBe(false);
    expect(flow.row('a')?.status).toBe('SCHEDULED');
  });

  it('takes another input', () => {
    const flow = startFlow([simple('a', { inputParameters: { x: '${workflow.input.x}' } })], {
      input: { x: 1 },
    }).finish('a');
    flow.operate({ ...restart, input: { x: 2 }, correlationId: 'c' });
    expect(flow.data('i:a')).toEqual({ x: 2 });
    expect(flow.model.run.correlationId).toBe('c');
  });

  it('is refused for a definition that forbids it, when the run is complete', () => {
    const flow = startFlow([simple('a')], { workflow: { restartable: false } }).finish('a');
    expect(flow.operate(restart)).toBe('JN_RUN_NOT_RESTARTABLE');
  });

  it('of a run that is wider than a decision takes several, and may be cut short', () => {
    const refs = Array.from({ length: 700 }, (_, i) => `b${i}`);
    const flow = startFlow([
      ...fork(
        'f',
        refs.map((ref) => [simple(ref)]),
        refs,
      ),
      simple('last'),
    ]);
    for (const ref of refs) flow.store(ref);
    flow.settle().finish('last');
    expect(flow.status).toBe('COMPLETED');
    flow.begin(restart);
    expect(flow.model.run.resetting).toMatchObject({ isCleared: false });
    flow.operate('terminate');
    expect(flow.status).toBe('TERMINATED');
    flow.operate(retry);
    expect(flow.waiting).toHaveLength(700);
    for (const ref of refs) flow.store(ref);
    flow.settle();
    expect(flow.row('last')).toMatchObject({ attempt: 2, status: 'SCHEDULED' });
    expect(flow.finish('last').status).toBe('COMPLETED');
    expect(flow.repairs).toEqual([]);
  });
});

describe('rerun', () => {
  it('from a task inside a fork takes back what follows from it, and leaves its neighbours', () => {
    const flow = branched();
    flow.finish('first').finish('a').finish('a2').finish('b').finish('last');
    expect(flow.operate(rerun('a2'))).toBeNull();
    expect(flow.statuses).toMatchObject({ a: 'COMPLETED', b: 'COMPLETED', f_join: 'IN_PROGRESS' });
    expect(flow.waiting).toEqual(['a2']);
    expect(flow.model.arrivals.get(taskKeyOf('f_join'))).toEqual(new Set(['b']));
    flow.finish('a2');
    expect(flow.finish('last').status).toBe('COMPLETED');
    expect(flow.repairs).toEqual([]);
  });

  it('from a fork expands it again', () => {
    const flow = branched();
    flow.finish('first').finish('a').finish('a2').finish('b').finish('last');
    flow.operate(rerun('f'));
    expect(flow.waiting).toEqual(['a', 'b']);
    flow.finish('a').finish('a2').finish('b').finish('last');
    expect(flow.status).toBe('COMPLETED');
  });

  it('from a task inside a loop goes on from that iteration', () => {
    const flow = startFlow([loop('l', 3, [simple('x'), simple('y')]), simple('last')]);
    for (const n of [1, 2, 3]) flow.finish(`x__${n}`).finish(`y__${n}`);
    flow.finish('last');
    flow.operate(rerun('y__2'));
    expect(flow.row('l')).toMatchObject({ status: 'IN_PROGRESS', cursor: 2 });
    expect(flow.waiting).toEqual(['y']);
    flow.finish('y__2').finish('x__3').finish('y__3').finish('last');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.row('x__3')?.attempt).toBe(2);
    expect(flow.row('x__2')?.attempt).toBe(1);
  });

  it('from a loop begins with its first iteration', () => {
    const flow = startFlow([loop('l', 2, [simple('x')])])
      .finish('x__1')
      .finish('x__2');
    flow.operate(rerun('l'));
    expect(flow.keys).toEqual(['x__1']);
    expect(flow.finish('x__1').finish('x__2').status).toBe('COMPLETED');
  });

  it('from a task inside a case, and from a switch that chooses anew', () => {
    const flow = startFlow(
      [choose('s', '${workflow.input.x}', { one: [simple('c')], two: [simple('d')] }), simple('e')],
      { input: { x: 'one' } },
    );
    flow.finish('c').finish('e');
    flow.operate(rerun('c'));
    expect(flow.waiting).toEqual(['c']);
    flow.finish('c').finish('e');
    flow.operate({ ...rerun('s'), input: { x: 'two' } });
    expect(flow.waiting).toEqual(['d']);
    expect(flow.finish('d').finish('e').status).toBe('COMPLETED');
  });

  it('gives the task the input of the operator, and its retries too', () => {
    const flow = startFlow([simple('a', { retryCount: 1, inputParameters: { x: 1 } })]).finish('a');
    flow.operate({ ...rerun('a'), taskInput: { x: '${workflow.input}' } });
    expect(flow.data('i:a')).toEqual({ x: '${workflow.input}' });
    flow.fail('a').pass(60_000);
    expect(flow.row('a')).toMatchObject({ attempt: 3, status: 'SCHEDULED' });
    expect(flow.data('i:a')).toEqual({ x: '${workflow.input}' });
  });

  it('asks for another run of a task that a run carries out', () => {
    const child = operator('SUB_WORKFLOW', 'c', { subWorkflowParam: { name: 'child' } });
    const flow = startFlow([child, simple('a')])
      .endChild('c', 'COMPLETED')
      .finish('a');
    const before = flow.row('c')?.token;
    flow.operate(rerun('c'));
    expect(flow.row('c')).toMatchObject({ attempt: 2, status: 'IN_PROGRESS' });
    expect(flow.row('c')?.token).not.toBe(before);
  });

  it('from a branch that was made at run time', () => {
    const inputParameters = { forkTaskName: 'w', forkTaskInputs: [{ n: 0 }, { n: 1 }] };
    const flow = startFlow([
      operator('FORK_JOIN_DYNAMIC', 'd', { inputParameters }),
      operator('JOIN', 'j'),
      simple('last'),
    ]);
    flow.finish('_d_w_0').finish('_d_w_1').finish('last');
    flow.operate(rerun('_d_w_1'));
    expect(flow.keys).toEqual(['_d_w_1']);
    expect(flow.finish('_d_w_1').finish('last').status).toBe('COMPLETED');
  });

  it('is refused for a task that the run has not', () => {
    const flow = startFlow([simple('a')]).finish('a');
    expect(flow.operate(rerun('b'))).toBe('JN_TASK_NOT_FOUND');
  });
});
