import { taskKeyOf, type Json } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { choose, type Flow, fork, operator, simple, startFlow } from '../../../test/flow.ts';
import { dynamic, loop, sub } from '../../../test/scenarios/scenario.ts';

const twice = { retryPolicy: { retryCount: 1 } };
const last = simple('last');

/** A fork as a group, with its join. */
function group(branches: readonly (readonly Json[])[], joinOn: readonly string[]): readonly Json[] {
  const [first, ...rest] = fork('f', branches, joinOn);
  return [{ ...first, ...twice }, ...rest, last];
}

const shown = ({ model }: Flow): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...model.rows.values()]
      .filter(({ shadow }) => shadow === undefined)
      .map(({ key, status, attempt }) => [key, `${status} ${attempt}`]),
  );

const ab = (): Flow => startFlow(group([[simple('a'), simple('a2')], [simple('b')]], ['a2', 'b']));

describe('a fork with a retry policy', () => {
  it('is tried again as a whole when one of its tasks fails for good', () => {
    const flow = ab().finish('a').claim('b').fail('a2');
    expect(flow.status).toBe('RUNNING');
    expect(shown(flow)).toEqual({
      f: 'COMPLETED 2',
      a: 'SCHEDULED 2',
      b: 'SCHEDULED 2',
      f_join: 'IN_PROGRESS 2',
    });
    flow.finish('a').finish('b').finish('a2').finish('last');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.reconcile()).toEqual([]);
  });

  it('fails the run when its tries are used', () => {
    const flow = ab().fail('a').fail('b');
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('Task b failed');
  });

  it('is not tried again for what no retry can heal, nor once the flow has left it', () => {
    expect(ab().failForGood('a').status).toBe('FAILED');
    expect(ab().finish('a').finish('a2').finish('b').fail('last').status).toBe('FAILED');
  });

  it('takes the result of an attempt that it has given up for stale', () => {
    const flow = ab().claim('b');
    const { token = '' } = flow.row('b') ?? {};
    flow.fail('a');
    expect(flow.model.complete(taskKeyOf('b'), { token, attempt: 1, status: 'FAILED' })).toBe(
      false,
    );
    expect(shown(flow)).toMatchObject({ b: 'SCHEDULED 2' });
  });

  it('gives its tasks all of their own retries again', () => {
    const taskDefinition = { name: 'a', retryDelaySeconds: 0 };
    const flow = startFlow(group([[simple('a', { retryCount: 1, taskDefinition })]], ['a']));
    flow.fail('a').fail('a').fail('a');
    expect(flow.status).toBe('RUNNING');
    flow.fail('a');
    expect(flow.status).toBe('FAILED');
  });

  it('cancels the runs of its tasks', () => {
    const flow = startFlow(group([[sub('s')], [simple('b')]], ['s', 'b'])).fail('b');
    expect([...flow.model.letters.keys()]).toContain('cancel-child:s@1');
    expect(shown(flow)).toMatchObject({ s: 'IN_PROGRESS 2', b: 'SCHEDULED 2' });
  });

  it('may be one whose branches are made at run time', () => {
    const taskDefs = [{ name: 'w', retryCount: 0 }];
    const flow = startFlow([...dynamic('d', [1, 2], twice), last], { taskDefs });
    flow.finish('_d_w_0').fail('_d_w_1');
    expect(shown(flow)).toMatchObject({ _d_w_0: 'SCHEDULED 2', _d_w_1: 'SCHEDULED 2' });
    flow.finish('_d_w_0').finish('_d_w_1').finish('last');
    expect(flow.status).toBe('COMPLETED');
  });

  it('forgets what was permitted to fail', () => {
    const permissive = simple('p', { permissive: true });
    const flow = startFlow(group([[permissive], [simple('b')]], ['b']))
      .fail('p')
      .fail('b');
    flow.finish('p').finish('b').finish('last');
    expect(flow.status).toBe('COMPLETED');
  });

  it('is tried again for its join, too', () => {
    const branches = [[simple('p', { permissive: true })], [simple('b')]];
    const flow = startFlow(group(branches, ['p', 'b']))
      .fail('p')
      .finish('b');
    expect(shown(flow)).toMatchObject({ p: 'SCHEDULED 2', f_join: 'IN_PROGRESS 2' });
  });

  it('leaves its neighbours alone', () => {
    const inner = group([[simple('a')], [simple('b')]], ['a', 'b']).slice(0, 2);
    const outer = fork('o', [inner, [simple('c'), simple('c2')]], ['f_join', 'c2']);
    const flow = startFlow(outer).finish('c').claim('c2').fail('a');
    expect(shown(flow)).toMatchObject({ a: 'SCHEDULED 2', c: 'COMPLETED 1', c2: 'IN_PROGRESS 1' });
    flow.finish('a').finish('b');
    flow.model.complete(taskKeyOf('c2'), { token: 'token of c2', attempt: 1, status: 'COMPLETED' });
    expect(flow.settle().status).toBe('COMPLETED');
  });

  it('begins anew with the fork around it, which is tried when it is spent', () => {
    const [head, join] = group([[simple('a')]], ['a']);
    const outer = fork('o', [[head ?? null, join ?? null]], ['f_join']);
    const tasks = [{ ...outer[0], ...twice }, ...outer.slice(1)];
    const flow = startFlow(tasks);
    for (let times = 0; times < 3; times += 1) expect(flow.fail('a').status).toBe('RUNNING');
    expect(flow.fail('a').status).toBe('FAILED');
    expect(flow.row('a')?.attempt).toBe(4);
  });
});

describe('a loop with a retry policy', () => {
  it('begins with its first iteration again', () => {
    const flow = startFlow([loop('l', 2, [simple('a')], twice), last]);
    flow.finish('a__1').fail('a__2');
    expect(shown(flow)).toEqual({ l: 'IN_PROGRESS 2', a__1: 'SCHEDULED 2' });
    flow.finish('a__1').finish('a__2').finish('last');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.reconcile()).toEqual([]);
  });

  it('is tried again for a task in a case of its body', () => {
    const body = [choose('s', 'y', { y: [simple('y')] })];
    const flow = startFlow([loop('l', 1, body, twice), last]).fail('y__1');
    expect(shown(flow)).toMatchObject({ l: 'IN_PROGRESS 2', y__1: 'SCHEDULED 2' });
  });
});

describe('a retry policy', () => {
  it.each([
    [
      'of a SWITCH',
      operator('SWITCH', 's', {
        ...twice,
        evaluatorType: 'value-param',
        expression: 'x',
        decisionCases: { a: [] },
      }),
    ],
    ['of a WAIT', operator('WAIT', 'w', twice)],
    [
      'of a loop with a delay',
      loop('l', 1, [simple('a')], { retryPolicy: { retryCount: 1, retryDelaySeconds: 5 } }),
    ],
  ])('%s is refused', (_, task) => {
    const problem = expect.objectContaining({ code: 'JN_DEF_UNSUPPORTED' });
    expect(() => startFlow([task])).toThrow(problem);
  });
});
