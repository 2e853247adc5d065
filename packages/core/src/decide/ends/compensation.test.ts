import { describe, expect, it } from 'vitest';
import { type JsonObject, parseWorkflowDef, taskKeyOf } from '@joinery/core';
import { fork, operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

/** A task with what takes it back; both see what the task has yielded. */
function done(ref: string, more: JsonObject = {}, undo: JsonObject = {}): JsonObject {
  const inputParameters = { id: `\${${ref}.output.id}` };
  return simple(ref, { compensate: simple(`undo_${ref}`, { inputParameters, ...undo }), ...more });
}

/** Finishes every compensation that waits; answers them in their order. */
function takeBack(flow: Flow): readonly string[] {
  const keys: string[] = [];
  for (let [key] = flow.keys; key !== undefined; [key] = flow.keys) {
    expect(flow.keys).toHaveLength(1);
    flow.finish(key);
    keys.push(key);
  }
  return keys;
}

describe('compensation', () => {
  it('takes back what has completed, the last first, and then ends the run as it was about to', () => {
    const flow = startFlow([done('a'), done('b'), simple('c'), simple('d')]);
    flow.finish('a', { id: 1 }).finish('b', { id: 2 }).finish('c').fail('d', 'no luck');
    expect(flow.status).toBe('RUNNING');
    expect(flow.model.run.compensating).toMatchObject({ status: 'FAILED', total: 2, next: 0 });
    expect(flow.data('i:undo_b')).toEqual({ id: 2 });
    expect(takeBack(flow)).toEqual(['undo_b', 'undo_a']);
    expect(flow.data('i:undo_a')).toEqual({ id: 1 });
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('no luck');
    expect(flow.events('run.ended')).toHaveLength(1);
    expect(flow.model.run.compensating).toBeNull();
  });

  it('goes by when tasks have completed, not by when they began', () => {
    const branches = [[done('a')], [done('b')], [done('c')], [simple('d')]];
    const flow = startFlow([...fork('f', branches, ['a', 'b', 'c', 'd'])]);
    for (const ref of ['c', 'a', 'b']) flow.pass(10).finish(ref);
    flow.fail('d');
    expect(takeBack(flow)).toEqual(['undo_b', 'undo_a', 'undo_c']);
  });

  it('takes back each iteration of a loop, and of loops in loops', () => {
    const inner = operator('DO_WHILE', 'inner', {
      loopCondition: '$.inner.iteration < 2',
      loopOver: [done('a')],
    });
    const outer = operator('DO_WHILE', 'outer', {
      loopCondition: '$.outer.iteration < 3',
      loopOver: [inner],
    });
    const flow = startFlow([outer, simple('z')]);
    for (const key of ['1__1', '1__2', '2__1', '2__2', '3__1', '3__2']) {
      flow.pass(5).finish(`a__${key}`, { id: key });
    }
    flow.fail('z');
    expect(takeBack(flow)).toEqual(
      ['3__2', '3__1', '2__2', '2__1', '1__2', '1__1'].map((key) => `undo_a__${key}`),
    );
    expect(flow.data('i:undo_a__2__1')).toEqual({ id: '2__1' });
  });

  it('leaves alone what has failed, was canceled, or never ran', () => {
    const branches = [[done('a')], [done('b', { optional: true })], [done('c')], [done('d')]];
    const flow = startFlow([...fork('f', branches, ['a', 'b', 'c', 'd']), done('e')]);
    flow.finish('a').fail('b').claim('c').fail('d');
    expect(takeBack(flow)).toEqual(['undo_a']);
    expect(flow.row('c')?.status).toBe('CANCELED');
  });

  it('does not happen to a run that completes', () => {
    const flow = startFlow([done('a'), simple('b')])
      .finish('a')
      .finish('b');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.statuses).toEqual({ a: 'COMPLETED', b: 'COMPLETED' });
  });

  it('is retried by itself, and does not stop when one fails for good', () => {
    const flow = startFlow([done('a'), done('b', {}, { retryCount: 1 }), simple('c')], {
      taskDefs: [{ name: 'undo_b', retryDelaySeconds: 5 }],
    });
    flow.finish('a').finish('b').fail('c', 'no luck').fail('undo_b');
    expect(flow.row('undo_b')?.attempt).toBe(2);
    flow.pass(5_000).fail('undo_b', 'gone');
    expect(flow.events('compensation.failed')).toMatchObject([{ task: 'undo_b', reason: 'gone' }]);
    expect(takeBack(flow)).toEqual(['undo_a']);
    expect(flow.reason).toMatch(/no luck.*; compensation failed: undo_b$/);
  });

  it.each([
    ['timeoutSeconds', { timeoutSeconds: 2 }],
    ['totalTimeoutSeconds', { totalTimeoutSeconds: 2, timeoutSeconds: 2 }],
  ])('that runs out of its %s counts as failed', (_name, limits) => {
    const taskDefs = [{ name: 'undo_b', timeoutPolicy: 'TIME_OUT_WF', ...limits }];
    const flow = startFlow([done('a'), done('b'), simple('c')], { taskDefs });
    flow.finish('a').finish('b').fail('c').claim('undo_b').pass(2_000);
    expect(takeBack(flow)).toEqual(['undo_a']);
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('compensation failed: undo_b');
  });

  it('is not cut short by the time-out of the run', () => {
    const workflow = { timeoutSeconds: 10, timeoutPolicy: 'TIME_OUT_WF' };
    const flow = startFlow([done('a'), simple('b')], { workflow });
    flow.finish('a').pass(10_000).pass(60_000);
    expect(flow.status).toBe('RUNNING');
    expect(flow.reconcile()).toEqual([]);
    expect(takeBack(flow)).toEqual(['undo_a']);
    expect(flow.status).toBe('TIMED_OUT');
  });

  it('may be paused, and is begun by a termination and ended by a second one', () => {
    const flow = startFlow([done('a'), done('b'), simple('c')])
      .finish('a')
      .finish('b');
    flow.operate('terminate', 'enough');
    expect(flow.waiting).toEqual(['undo_b']);
    flow.operate('pause');
    flow.finish('undo_b');
    expect(flow.waiting).toEqual([]);
    flow.operate('resume');
    expect(flow.waiting).toEqual(['undo_a']);
    flow.operate('terminate', 'really');
    expect([flow.status, flow.reason]).toEqual(['TERMINATED', 'really']);
    expect(flow.row('undo_a')?.status).toBe('CANCELED');
  });

  it('is told of only when it is over: the parent, and the failure workflow', () => {
    const parent = { runId: startFlow([simple('x')]).model.run.id, key: 'p', attempt: 1, depth: 1 };
    const workflow = { failureWorkflow: 'undo' };
    const flow = startFlow([done('a'), simple('b')], { parent, workflow })
      .finish('a')
      .fail('b');
    const types = (): readonly string[] => [...flow.model.letters.values()].map(({ type }) => type);
    expect(types()).toEqual(['dispatch']);
    takeBack(flow);
    expect(types().toSorted()).toEqual(['notify-parent', 'start-failure-run']);
  });

  it('follows a permissive failure at the end of the run', () => {
    const flow = startFlow([done('a'), simple('b', { permissive: true })])
      .finish('a')
      .fail('b');
    expect(takeBack(flow)).toEqual(['undo_a']);
    expect(flow.status).toBe('FAILED');
  });

  it('of a thousand tasks reads its order by pages', () => {
    const branches = Array.from({ length: 600 }, (_, i) => [done(`a${i}`)]);
    const flow = startFlow([...fork('f', branches, []), simple('z')]);
    for (let i = 0; i < 600; i += 1) flow.store(`a${i}`);
    flow.settle().fail('z');
    expect(flow.data('i:@compensation.0')).toHaveLength(256);
    expect(flow.data('i:@compensation.2')).toHaveLength(88);
    expect(takeBack(flow)).toHaveLength(600);
    expect(flow.status).toBe('FAILED');
  });

  it('that has lost its next task finds it in a full evaluation', () => {
    const flow = startFlow([done('a'), simple('b')])
      .finish('a')
      .fail('b');
    flow.model.rows.delete(taskKeyOf('undo_a'));
    flow.model.letters.delete('dispatch:undo_a');
    expect(flow.reconcile()).toContain('lost-successor');
    expect(takeBack(flow)).toEqual(['undo_a']);
    expect(flow.status).toBe('FAILED');
  });
});

const problemsOf = (tasks: readonly JsonObject[]): readonly string[] => {
  try {
    parseWorkflowDef({ name: 'w', tasks });
    return [];
  } catch (error) {
    return String(error).split('\n').slice(0, 1);
  }
};

describe('a definition with compensations', () => {
  it.each([
    [
      'compensates a fork',
      [
        operator('FORK_JOIN', 'f', { forkTasks: [[simple('a')]], compensate: simple('u') }),
        operator('JOIN', 'j', { joinOn: ['a'] }),
      ],
    ],
    ['compensates by a switch', [simple('a', { compensate: operator('NOOP', 'n') })]],
    ['compensates a compensation', [simple('a', { compensate: done('u') })]],
    ['has two tasks of one name', [simple('a', { compensate: simple('a') })]],
    ['joins a compensation', fork('f', [[simple('a', { compensate: simple('u') })]], ['u'])],
    [
      'reads what is not there',
      [simple('a', { compensate: simple('u', { inputParameters: { x: '${nobody.output}' } }) })],
    ],
  ])('is refused when it %s', (_what, tasks) => {
    expect(problemsOf([...tasks])).not.toEqual([]);
  });
});
