import { describe, expect, it } from 'vitest';
import { ask } from '../../../test/drive-run.ts';
import { choose, fork, operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

/** The arrivals below which a success of this task changes nothing at the join `f_join`. */
function limitOf(flow: Flow, ref: string): number | undefined {
  return flow.row(ref)?.joins['f_join'];
}

/** A decision that is made now and committed after what happens in between. */
function whileDeciding(flow: Flow, meanwhile: () => void): void {
  const { model, plan } = flow;
  const slice = model.minimalSlice();
  const answer = ask(model, { plan, slice });
  meanwhile();
  if ('code' in answer || !model.commit(answer.decision, slice.run.dirty)) throw new Error('no');
  flow.settle();
}

describe('a success is quiet', () => {
  it('as long as a task is missing of which only its worker can tell', () => {
    const flow = startFlow([
      ...fork('f', [[simple('a')], [simple('b')], [simple('c')]], ['a', 'b', 'c']),
    ]);
    expect(limitOf(flow, 'a')).toBe(3);
    flow.store('a');
    expect(flow.model.isDirty).toBe(false);
    expect(flow.row('a')?.isSettled).toBe(true);
  });

  it.each([
    ['an optional task', [simple('x', { optional: true })]],
    ['a permissive task', [simple('x', { permissive: true })]],
    ['an operator', [operator('WAIT', 'x')]],
    ['a task in a case', [choose('s', 'k', { k: [simple('x')] })]],
  ])('less often beside %s', (_, branch) => {
    expect(limitOf(startFlow([...fork('f', [[simple('a')], branch], ['a', 'x'])]), 'a')).toBe(1);
  });

  it('as often inside of a case as outside', () => {
    const inner = fork('f', [[simple('a')], [simple('b')]], ['a', 'b']);
    expect(limitOf(startFlow([choose('s', 'k', { k: [...inner] })]), 'a')).toBe(2);
  });

  it('by the branches of a dynamic fork', () => {
    const tasks = [simple('a'), simple('b'), simple('c', { optional: true })];
    const inputParameters = { tasks, inputs: {} };
    const names = { dynamicForkTasksParam: 'tasks', dynamicForkTasksInputParamName: 'inputs' };
    const flow = startFlow([
      operator('FORK_JOIN_DYNAMIC', 'f', { ...names, inputParameters }),
      operator('JOIN', 'f_join'),
    ]);
    expect(limitOf(flow, 'a')).toBe(2);
  });
});

describe('a success that is stored while a decision is on its way', () => {
  it('does not leave a join unfired that the decision tells of another task', () => {
    const flow = startFlow([
      ...fork('f', [[simple('a')], [simple('b', { optional: true })]], ['a', 'b']),
      simple('c'),
    ]);
    flow.store('b', 'FAILED');
    whileDeciding(flow, () => flow.store('a'));
    expect(flow.row('f_join')?.status).toBe('COMPLETED_WITH_ERRORS');
    expect(flow.waiting).toEqual(['c']);
  });

  it('does not leave a run open that the decision brings to its end but for this task', () => {
    const flow = startFlow([...fork('f', [[simple('a')], [simple('b')]], [])]);
    flow.store('a');
    flow.settle();
    const ends = startFlow([...fork('f', [[simple('a')], [simple('b')]], []), simple('c')]);
    ends.store('c');
    whileDeciding(ends, () => ends.store('a'));
    expect(ends.status).toBe('RUNNING');
    expect(ends.finish('b').status).toBe('COMPLETED');
    const last = startFlow([...fork('f', [[simple('a')]], []), simple('c')]);
    last.store('c');
    whileDeciding(last, () => last.store('a'));
    expect(last.status).toBe('COMPLETED');
  });
});
