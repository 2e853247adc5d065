import { describe, expect, it } from 'vitest';
import { taskKeyOf, type Json, type JsonObject } from '@joinery/core';
import { operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

function sliding(maxConcurrency: Json, width: number, more: JsonObject = {}): Flow {
  const forkTaskInputs = Array.from({ length: width }, (_, n) => ({ n }));
  return startFlow([
    operator('FORK_JOIN_DYNAMIC', 'f', {
      inputParameters: { forkTaskName: 'x', forkTaskInputs, maxConcurrency },
      ...more,
    }),
    operator('JOIN', 'j'),
    simple('end'),
  ]);
}

const branch = (index: number): string => `_f_x_${index}`;

describe('a dynamic fork with maxConcurrency', () => {
  it('has so many branches open, and begins the next when one is done with', () => {
    const flow = sliding(2, 5);
    expect(flow.keys).toEqual([branch(0), branch(1)]);
    expect(flow.finish(branch(1)).keys).toEqual([branch(0), branch(2)]);
    expect(flow.finish(branch(0)).finish(branch(2)).keys).toEqual([branch(3), branch(4)]);
    expect(flow.row('j')?.status).toBe('IN_PROGRESS');
    expect(flow.finish(branch(3)).finish(branch(4)).keys).toEqual(['end']);
    expect(flow.repairs).toEqual([]);
  });

  it('begins as many as have ended together', () => {
    const flow = sliding(3, 9);
    for (const index of [0, 1, 2]) flow.store(branch(index));
    expect(flow.settle().keys).toEqual([branch(3), branch(4), branch(5)]);
  });

  it('never has more open than it may, whatever the order', () => {
    const flow = sliding(4, 40);
    for (let turn = 0; turn < 40; turn += 1) {
      expect(flow.keys.length).toBe(Math.min(4, 40 - turn));
      flow.finish(flow.keys[(turn * 7) % flow.keys.length] ?? '');
      expect(flow.reconcile()).toEqual([]);
    }
    expect(flow.keys).toEqual(['end']);
  });

  it('goes on after a branch that was forgiven', () => {
    const flow = sliding(1, 2, { optional: true });
    expect(flow.failForGood(branch(0)).keys).toEqual([branch(1)]);
    expect(flow.finish(branch(1)).row('j')?.status).toBe('COMPLETED_WITH_ERRORS');
  });

  it('keeps its place while a branch is tried again', () => {
    const tasks = [
      simple('a', { retryCount: 1, taskDefinition: { name: 'a', retryDelaySeconds: 1 } }),
      simple('b'),
    ];
    const flow = startFlow([
      operator('FORK_JOIN_DYNAMIC', 'f', {
        dynamicForkTasksParam: 'tasks',
        dynamicForkTasksInputParamName: 'inputs',
        inputParameters: { tasks, inputs: {}, maxConcurrency: 1 },
      }),
      operator('JOIN', 'j'),
    ]);
    expect(flow.fail('a').keys).toEqual([]);
    expect(flow.pass(1_000).keys).toEqual(['a']);
    expect(flow.finish('a').keys).toEqual(['b']);
  });

  it('is an ordinary fork when it may have all open', () => {
    const flow = sliding(7, 3);
    expect(flow.keys).toHaveLength(3);
    expect(flow.row(branch(0))?.isTail).toBe(true);
  });

  it.each<[Json, RegExp]>([
    [0, /must be a whole number from 1, not 0/],
    [1.5, /must be a whole number/],
    ['two', /not "two"/],
    [201, /maxConcurrency is 201; it must be at most 200, or allow all 300/],
  ])('of %j fails with the reason', (maxConcurrency, reason) => {
    const flow = sliding(maxConcurrency, 300);
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toMatch(reason);
  });

  it('enters 200 branches in one go, even beside others', () => {
    const flow = sliding(200, 1_000);
    expect(flow.keys).toHaveLength(200);
    for (const key of flow.keys.slice(0, 150)) flow.store(key);
    expect(flow.settle().keys).toHaveLength(200);
  });

  it('enters none of the first branches before there is room for all', () => {
    const inputParameters = {
      forkTaskName: 'x',
      forkTaskInputs: Array.from({ length: 300 }, () => ({})),
      maxConcurrency: 200,
    };
    const sliding200 = [
      operator('FORK_JOIN_DYNAMIC', 'f', { inputParameters }),
      operator('JOIN', 'j'),
    ];
    const noops = Array.from({ length: 100 }, (_, i) => [operator('NOOP', `n${i}`)]);
    const flow = startFlow([
      operator('WAIT', 'w'),
      operator('FORK_JOIN', 'g', { forkTasks: [...noops, sliding200] }),
      operator('JOIN', 'h', { joinOn: ['j'] }),
    ]);
    const { hasMore } = flow.store('w').decideOnce();
    expect([hasMore, flow.row('f')?.status, flow.keys.length]).toEqual([true, 'COMPLETED', 0]);
    expect(flow.settle().keys).toHaveLength(200);
  });

  it('finds again what got lost: a branch, or a place that nobody has taken', () => {
    const flow = sliding(2, 5);
    flow.model.rows.delete(taskKeyOf(branch(1)));
    flow.model.letters.delete(`dispatch:${branch(1)}`);
    flow.model.run = { ...flow.model.run, open: flow.model.run.open - 1 };
    expect(flow.reconcile()).toContain('lost-successor');
    expect(flow.keys.toSorted()).toEqual([branch(0), branch(1)]);
    const row = flow.row(branch(0));
    if (row === undefined) throw new Error('no branch');
    flow.model.rows.set(row.key, { ...row, status: 'COMPLETED', isSettled: true });
    flow.model.letters.delete(`dispatch:${branch(0)}`);
    flow.model.run = { ...flow.model.run, open: flow.model.run.open - 1 };
    expect(flow.reconcile()).toContain('lost-successor');
    expect(flow.keys.toSorted()).toEqual([branch(1), branch(2)]);
  });
});

const older = (dynamicTasks: Json, more: JsonObject = {}): Flow =>
  startFlow([
    operator('FORK_JOIN_DYNAMIC', 'f', {
      dynamicForkJoinTasksParam: 'dyn',
      inputParameters: { dyn: { dynamicTasks } },
      ...more,
    }),
    operator('JOIN', 'j'),
  ]);

describe('a dynamic fork in the older shape', () => {
  it('takes its branches from a list of their names and inputs', () => {
    const flow = older([
      { taskName: 'x', referenceName: 'one', input: { n: 1 } },
      { taskName: 'own', referenceName: 'two', type: 'own' },
    ]);
    expect(flow.keys).toEqual(['one', 'two']);
    expect(flow.row('one')).toMatchObject({ name: 'x', type: 'SIMPLE' });
    expect(flow.data('i:one')).toEqual({ n: 1 });
    expect(flow.row('two')).toMatchObject({ name: 'own', type: 'own' });
  });

  it('starts a run for a branch that names a workflow', () => {
    const flow = older([{ workflowName: 'child', referenceName: 'one', input: { n: 1 } }]);
    expect(flow.row('one')).toMatchObject({ type: 'SUB_WORKFLOW', status: 'IN_PROGRESS' });
    expect(flow.data('i:one')).toMatchObject({ subWorkflowName: 'child', workflowInput: { n: 1 } });
  });

  it.each<[Json, RegExp]>([
    [7, /'dyn' must hold a list/],
    [[7], /dynamic branch 0/],
    [[{ taskName: 'x' }], /dynamic branch 0: taskReferenceName/],
  ])('of %j fails with the reason', (tasks, reason) => {
    expect(older(tasks).reason).toMatch(reason);
  });
});
