import { describe, expect, it } from 'vitest';
import { taskKeyOf, type Json, type JsonObject } from '@joinery/core';
import { ask } from '../../../test/drive-run.ts';
import { choose, fork, operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

function counted(
  joinCount: number,
  branches: readonly (readonly Json[])[],
  joinOn: readonly string[],
): Flow {
  return startFlow([...fork('f', branches, joinOn, { joinCount }), simple('end')]);
}

const three = [[simple('a')], [simple('b')], [simple('c')]];

/** A decision that is made now and committed after what happens in between. */
function whileDeciding(flow: Flow, meanwhile: () => void): void {
  const { model, plan } = flow;
  const slice = model.minimalSlice();
  const answer = ask(model, { plan, slice });
  meanwhile();
  if ('code' in answer || !model.commit(answer.decision, slice.run.dirty)) throw new Error('no');
  flow.settle();
}

const limitOf = (flow: Flow): number | undefined => flow.row('a')?.joins['f_join'];

describe('a JOIN with a joinCount', () => {
  it.each([
    [1, ['b']],
    [2, ['c', 'a']],
    [3, ['b', 'c', 'a']],
  ])('of %i goes on after %j', (count, refs) => {
    const flow = counted(count, three, ['a', 'b', 'c']);
    for (const ref of refs) {
      expect(flow.row('end')).toBeUndefined();
      flow.finish(ref, { by: ref });
    }
    expect(flow.row('f_join')?.status).toBe('COMPLETED');
    expect(flow.waiting).toContain('end');
  });

  it('lets the other branches go on, and the run waits for them', () => {
    const flow = counted(1, three, ['a', 'b', 'c']);
    flow.finish('a').finish('end');
    expect(flow.status).toBe('RUNNING');
    expect(flow.finish('b').finish('c').status).toBe('COMPLETED');
    expect(flow.events('join.fired')).toHaveLength(1);
  });

  it('counts what has completed, and not what was forgiven', () => {
    const flow = counted(1, [[simple('a', { optional: true })], [simple('b')]], ['a', 'b']);
    expect(flow.fail('a').row('f_join')?.status).toBe('IN_PROGRESS');
    expect(flow.finish('b').row('f_join')?.status).toBe('COMPLETED');
  });

  it('fails when all is over and too few have completed', () => {
    const branches = [
      [simple('a', { optional: true })],
      [simple('b', { permissive: true })],
      [simple('c')],
    ];
    const flow = counted(2, branches, ['a', 'b', 'c']);
    flow.fail('a').fail('b').finish('c');
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('1 of 2 tasks have completed');
  });

  it('does not wait for what a switch has ruled out, nor count it', () => {
    const branch = [choose('s', 'k', { k: [] }, [simple('b')])];
    const flow = counted(2, [[simple('a')], branch], ['a', 'b']);
    expect(flow.finish('a').reason).toContain('1 of 2 tasks have completed');
  });

  it('wants no more than a dynamic fork has', () => {
    const inputParameters = { forkTaskName: 'x', forkTaskInputs: [1] };
    const flow = startFlow([
      operator('FORK_JOIN_DYNAMIC', 'f', { inputParameters }),
      operator('JOIN', 'f_join', { joinCount: 2 }),
    ]);
    expect(flow.finish('_f_x_0').status).toBe('COMPLETED');
  });

  it('keeps a success quiet only while it could not fire with all others that may be on their way', () => {
    expect(limitOf(counted(2, three, ['a', 'b', 'c']))).toBe(2);
    const unsure = [...three, [operator('WAIT', 'w')]];
    expect(limitOf(counted(2, unsure, ['a', 'b', 'c', 'w']))).toBe(1);
    expect(limitOf(counted(1, unsure, ['a', 'b', 'c', 'w']))).toBe(0);
  });

  it('fires when a success is stored while a decision tells it of another task', () => {
    const flow = counted(
      2,
      [[simple('a')], [simple('b')], [operator('WAIT', 'w')]],
      ['a', 'b', 'w'],
    );
    flow.store('w');
    whileDeciding(flow, () => flow.store('a'));
    expect(flow.row('f_join')?.status).toBe('COMPLETED');
    expect(flow.waiting).toContain('end');
  });
});

const decide = (
  value: string,
  more: JsonObject = {},
  defaults: readonly Json[] = [],
): readonly Json[] => [
  choose('s', value, { a: [simple('a', more)], b: [simple('b', more)] }, defaults),
  operator('EXCLUSIVE_JOIN', 'e', {
    joinOn: ['a', 'b'],
    defaultExclusiveJoinTask: defaults.length > 0 ? ['d'] : [],
  }),
  simple('end', { inputParameters: { got: '${e.output}' } }),
];

describe('an EXCLUSIVE_JOIN', () => {
  it.each(['a', 'b'])('yields what the case that was taken yields: %s', (value) => {
    const flow = startFlow(decide(value));
    expect(flow.finish(value, { by: value }).data('i:end')).toEqual({ got: { by: value } });
    expect(flow.row('e')?.status).toBe('COMPLETED');
  });

  it('takes the default when none of its tasks was reached', () => {
    const flow = startFlow(decide('x', {}, [simple('d')]));
    expect(flow.finish('d', { by: 'd' }).data('i:end')).toEqual({ got: { by: 'd' } });
  });

  it('completes with nothing when all are ruled out', () => {
    expect(startFlow(decide('x')).data('i:end')).toEqual({ got: {} });
  });

  it('fails as its task has failed', () => {
    const flow = startFlow(decide('a', { permissive: true }));
    expect(flow.fail('a', 'no ink').row('e')).toMatchObject({ status: 'FAILED', reason: 'no ink' });
    expect(flow.status).toBe('FAILED');
  });

  it('waits for a task that is still on its way', () => {
    const flow = startFlow([
      ...fork('f', [[simple('a')], [simple('b')]], ['b']),
      operator('EXCLUSIVE_JOIN', 'e', { joinOn: ['a'] }),
    ]);
    expect(flow.finish('b').row('e')?.status).toBe('IN_PROGRESS');
    expect(flow.reconcile()).toEqual([]);
    expect(flow.finish('a', { n: 1 }).data('run:output')).toEqual({ n: 1 });
    expect(flow.status).toBe('COMPLETED');
  });

  it('is told of every success', () => {
    const flow = startFlow([
      ...fork('f', [[simple('a')], [simple('b')]], ['b']),
      operator('EXCLUSIVE_JOIN', 'e', { joinOn: ['a', 'b'] }),
    ]);
    expect(flow.row('a')?.joins).toEqual({ e: 0 });
  });

  it('waits for a task that a late branch has yet to rule out', () => {
    const late = [simple('x'), choose('s', 'k', { k: [] }, [simple('a')])];
    const flow = startFlow([
      ...fork('f', [late, [simple('b')]], ['b']),
      operator('EXCLUSIVE_JOIN', 'e', { joinOn: ['a'] }),
    ]);
    expect(flow.finish('b').row('e')?.status).toBe('IN_PROGRESS');
    expect(flow.finish('x').status).toBe('COMPLETED');
    expect(flow.row('e')?.status).toBe('COMPLETED');
  });

  it('is found unfired by a full evaluation', () => {
    const flow = startFlow([
      ...fork('f', [[simple('a')], [simple('b')]], ['b']),
      operator('EXCLUSIVE_JOIN', 'e', { joinOn: ['a'] }),
      simple('end'),
    ]);
    flow.finish('b');
    const { model } = flow;
    const row = model.rows.get(taskKeyOf('a'));
    if (row === undefined) throw new Error('no a');
    model.rows.set(row.key, { ...row, status: 'COMPLETED', isSettled: true });
    model.run = { ...model.run, open: model.run.open - 1 };
    expect(flow.reconcile()).toEqual(['join-not-fired']);
    expect(flow.waiting).toContain('end');
  });
});
