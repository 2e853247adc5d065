import { describe, expect, it } from 'vitest';
import { choose, fork, operator, simple, startFlow } from '../../../test/flow.ts';

describe('a join', () => {
  it('fires when every task that it names is done, and the run ends with the branches’ outputs', () => {
    const flow = startFlow([...fork('f', [[simple('a')], [simple('b')]], ['a', 'b'])]);
    expect(flow.statuses).toEqual({
      f: 'COMPLETED',
      a: 'SCHEDULED',
      b: 'SCHEDULED',
      f_join: 'IN_PROGRESS',
    });
    flow.finish('a', { n: 1 });
    expect(flow.status).toBe('RUNNING');
    flow.finish('b', { n: 2 });
    expect(flow.status).toBe('COMPLETED');
    expect(flow.data('run:output')).toEqual({ a: { n: 1 }, b: { n: 2 } });
  });

  it('does not wait for a branch that it does not name, but the run does', () => {
    const flow = startFlow([...fork('f', [[simple('a')], [simple('b')]], ['a']), simple('c')]);
    flow.finish('a').finish('c');
    expect(flow.status).toBe('RUNNING');
    flow.finish('b');
    expect(flow.status).toBe('COMPLETED');
  });

  it('fires at once when it names nothing, or when all branches are empty', () => {
    const empty = startFlow([...fork('f', [[], []], []), simple('c')]);
    expect(empty.statuses).toEqual({ f: 'COMPLETED', f_join: 'COMPLETED', c: 'SCHEDULED' });
    const nothing = startFlow([...fork('f', [[simple('a')]], []), simple('c')]);
    expect(nothing.finish('c').status).toBe('RUNNING');
    expect(nothing.finish('a').status).toBe('COMPLETED');
  });

  it('may name a task in the middle of a branch, a nested fork, a switch, and a task of two joins', () => {
    const inner = fork('g', [[simple('x')], [simple('y')]], ['x', 'y']);
    const flow = startFlow([
      ...fork(
        'f',
        [[simple('a'), simple('b')], [...inner], [choose('s', 'k', { k: [simple('z')] })]],
        ['a', 'g', 's', 'x'],
      ),
    ]);
    flow.finish('x');
    expect(flow.row('f_join')?.status).toBe('IN_PROGRESS');
    flow.finish('a');
    expect(flow.row('f_join')?.status).toBe('COMPLETED');
    flow.finish('y').finish('z').finish('b');
    expect(flow.status).toBe('COMPLETED');
  });

  it.each([
    ['another case is taken', 'other', { k: [simple('z')], other: [simple('o')] }],
    ['the default is taken', 'none', { k: [simple('z')] }],
    [
      'the case holds a switch that holds it',
      'none',
      { k: [choose('t', 'q', { q: [simple('z')] })] },
    ],
    ['the case holds a fork that holds it', 'none', { k: [...fork('g', [[simple('z')]], ['z'])] }],
  ])('does not wait for a task that is never reached: %s', (_, value, cases) => {
    const branch = [choose('s', value, cases, [simple('d')])];
    const flow = startFlow([...fork('f', [[simple('a')], branch], ['a', 'z']), simple('end')]);
    expect(flow.row('f_join')?.status).toBe('IN_PROGRESS');
    flow.finish('a');
    expect(flow.row('f_join')?.status).toBe('COMPLETED');
    for (const ref of flow.waiting) flow.finish(ref);
    expect(flow.status).toBe('COMPLETED');
  });

  it('waits for a task that is reached late, on an open path', () => {
    const branch = [simple('b'), choose('s', 'k', { k: [simple('y'), simple('z')] })];
    const flow = startFlow([...fork('f', [[simple('a')], branch], ['a', 'z'])]);
    flow.finish('a').finish('b').finish('y');
    expect(flow.row('f_join')?.status).toBe('IN_PROGRESS');
    expect(flow.finish('z').status).toBe('COMPLETED');
  });

  it('does not wait for the cases of a switch that failed optionally', () => {
    const broken = { ...choose('s', '${a.output.x[0}', { k: [simple('z')] }), optional: true };
    const value = '${workflow.input.${a.output.p}}';
    const nested = { ...choose('s', value, { k: [simple('z')] }, [simple('d')]), optional: true };
    expect(() => startFlow([broken])).toThrow(/expression/i);
    const flow = startFlow([...fork('f', [[simple('a')], [simple('b'), nested]], ['a', 'z'])]);
    flow.finish('a', { p: 'x]' }).finish('b');
    expect(flow.row('s')?.status).toBe('COMPLETED_WITH_ERRORS');
    expect(flow.row('d')).toBeUndefined();
    expect(flow.status).toBe('COMPLETED');
    expect(flow.row('f_join')?.status).toBe('COMPLETED');
  });

  it('fails when a permissive task that it names has failed, once all are done', () => {
    const tasks = fork('f', [[simple('a', { permissive: true })], [simple('b')]], ['a', 'b']);
    const flow = startFlow([...tasks]);
    flow.fail('a');
    expect(flow.row('f_join')?.status).toBe('IN_PROGRESS');
    flow.finish('b');
    expect(flow.row('f_join')?.status).toBe('FAILED');
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('no luck');
  });

  it('is complete with errors when an optional task that it names has failed', () => {
    const tasks = fork('f', [[simple('a', { optional: true })], [simple('b')]], ['a', 'b']);
    const flow = startFlow([...tasks, simple('c')]);
    flow.fail('a').finish('b');
    expect(flow.row('a')?.status).toBe('COMPLETED_WITH_ERRORS');
    expect(flow.row('f_join')?.status).toBe('COMPLETED_WITH_ERRORS');
    expect(flow.finish('c').status).toBe('COMPLETED');
  });

  it('ignores a failed attempt that is to be retried', () => {
    const retried = simple('a', {
      retryCount: 1,
      taskDefinition: { name: 'a', retryDelaySeconds: 5 },
    });
    const flow = startFlow([...fork('f', [[retried], [simple('b')]], ['a', 'b'])]);
    flow.fail('a').finish('b');
    expect(flow.row('f_join')?.status).toBe('IN_PROGRESS');
    flow.pass(5_000).finish('a');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.events('join.fired')).toHaveLength(1);
  });

  it('judges results that were stored together once', () => {
    const refs = Array.from({ length: 300 }, (_, i) => `b${i}`);
    const flow = startFlow([
      ...fork(
        'f',
        refs.map((ref) => [simple(ref)]),
        refs,
      ),
      operator('NOOP', 'n'),
    ]);
    for (const ref of refs) flow.store(ref);
    flow.settle();
    expect(flow.status).toBe('COMPLETED');
    expect(flow.events('join.fired')).toMatchObject([{ branches: 300 }]);
  });
});
