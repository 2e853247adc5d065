import { describe, expect, it } from 'vitest';
import { taskKeyOf, type Json, type JsonObject } from '@joinery/core';
import { choose, fork, operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

/** A loop over these tasks; by default it repeats until its parameter `value` is reached. */
function loop(ref: string, loopOver: readonly Json[], more: JsonObject = {}): JsonObject {
  return operator('DO_WHILE', ref, {
    loopCondition: `if ($.${ref}['iteration'] < $.value) { true; } else { false; }`,
    inputParameters: { value: 3 },
    loopOver,
    ...more,
  });
}

/** Finish whatever waits for a worker, with a number that grows; answers the keys in order. */
function finishAll(flow: Flow, limit = 100): readonly string[] {
  const met: string[] = [];
  while (flow.keys.length > 0 && met.length < limit) {
    const [key = ''] = flow.keys;
    met.push(key);
    flow.finish(key, { n: met.length });
  }
  return met;
}

/** A loop over the list in the run's input. */
function over(more: JsonObject = {}): JsonObject {
  const inputParameters = { item: '${l.output.loopItem}', at: '${l.output.loopIndex}' };
  return loop('l', [simple('a', { inputParameters })], {
    items: '${workflow.input.items}',
    loopCondition: '',
    inputParameters: {},
    ...more,
  });
}

/** The loop `l` of one task, as if it had come to this iteration. */
function jump({ model }: Flow, iteration: number): void {
  const key = taskKeyOf('a', [iteration]);
  const row = model.rows.get(taskKeyOf('a', [1]));
  const around = model.rows.get(taskKeyOf('l'));
  const letter = model.letters.get('dispatch:a__1');
  if (row === undefined || around === undefined || letter?.type !== 'dispatch')
    throw new Error('no');
  model.rows.set(around.key, { ...around, cursor: iteration });
  model.rows.delete(row.key);
  model.rows.set(key, { ...row, key, iteration });
  model.letters.clear();
  model.letters.set(`dispatch:${key}`, { ...letter, key });
}

/** A row that has vanished from the store. */
function lose({ model }: Flow, key: string): void {
  model.rows.delete(taskKeyOf(key));
  model.letters.delete(`dispatch:${key}`);
}

describe('DO_WHILE', () => {
  it('repeats its body as long as its condition holds, under keys of their own', () => {
    const flow = startFlow([loop('l', [simple('a'), simple('b')]), simple('end')]);
    expect(finishAll(flow)).toEqual(['a__1', 'b__1', 'a__2', 'b__2', 'a__3', 'b__3', 'end']);
    expect(flow.status).toBe('COMPLETED');
    expect(flow.row('l')).toMatchObject({ status: 'COMPLETED', cursor: 3, iteration: 0 });
    expect(flow.row('b__2')).toMatchObject({ ref: 'b', iteration: 2 });
    expect(flow.repairs).toEqual([]);
  });

  it('yields its iterations and their number, to who comes after it', () => {
    const flow = startFlow([
      loop('l', [simple('a')]),
      simple('end', {
        inputParameters: {
          all: '${l.output}',
          count: '${l.output.iteration}',
          second: '${l.output.2.a.n}',
          last: '${a.output.n}',
          lastIteration: '${a.iteration}',
        },
      }),
    ]);
    finishAll(flow);
    expect(flow.data('i:end')).toEqual({
      all: { iteration: 3, 1: { a: { n: 1 } }, 2: { a: { n: 2 } }, 3: { a: { n: 3 } } },
      count: 3,
      second: 2,
      last: 3,
      lastIteration: 3,
    });
  });

  it('gives the run its output, as its last task', () => {
    const flow = startFlow([loop('l', [simple('a')], { inputParameters: { value: 1 } })]);
    finishAll(flow);
    expect(flow.data('run:output')).toEqual({ iteration: 1, 1: { a: { n: 1 } } });
  });

  it('shows only the last iterations when it is told to keep so many', () => {
    const inputParameters = { value: 3, keepLastN: 2 };
    const flow = startFlow([loop('l', [simple('a')], { inputParameters })]);
    finishAll(flow);
    expect(Object.keys(Object(flow.data('run:output')))).toEqual(['2', '3', 'iteration']);
  });

  it.each([0, 1.5, 'two'])('fails when keepLastN is %j', (keepLastN) => {
    const flow = startFlow([
      loop('l', [simple('a')], { inputParameters: { value: 3, keepLastN } }),
    ]);
    expect(flow.reason).toContain('keepLastN must be a whole number');
  });

  it('lets a task read the others of its own iteration, and the number of it', () => {
    const flow = startFlow([
      loop('l', [
        simple('a'),
        simple('b', { inputParameters: { from: '${a.output.n}', turn: '${l.output.iteration}' } }),
      ]),
    ]);
    finishAll(flow);
    expect(flow.data('i:b__1')).toEqual({ from: 1, turn: 1 });
    expect(flow.data('i:b__3')).toEqual({ from: 5, turn: 3 });
  });

  it('lets a task read one that its iteration has not reached as nothing', () => {
    const flow = startFlow([
      loop('l', [simple('a', { inputParameters: { old: '${b.output.n}' } }), simple('b')]),
    ]);
    finishAll(flow);
    expect(flow.data('i:a__3')).toEqual({ old: null });
  });

  it('takes its condition from what its body yields', () => {
    const loopCondition = "$.a['again'] === true && ${a.output.n} < 10";
    const flow = startFlow([loop('l', [simple('a')], { loopCondition })]);
    flow.finish('a__1', { again: true, n: 1 }).finish('a__2', { again: true, n: 2 });
    flow.finish('a__3', { again: false, n: 3 });
    expect(flow.status).toBe('COMPLETED');
  });

  it('computes its parameters anew for each condition', () => {
    const flow = startFlow([
      loop('l', [simple('a')], {
        loopCondition: '$.left > 0',
        inputParameters: { left: '${a.output.left}' },
      }),
    ]);
    flow.finish('a__1', { left: 1 }).finish('a__2', { left: 0 });
    expect(flow.status).toBe('COMPLETED');
  });

  it.each<[string, RegExp]>([
    ['$.a.b.c == 1', /loopCondition: cannot read 'c' of undefined/],
    ['$.l + 1 > 0', /cannot calculate with an object/],
  ])('fails for good when its condition %s has no value', (loopCondition, reason) => {
    const flow = startFlow([loop('l', [simple('a')], { loopCondition })]);
    flow.finish('a__1');
    expect(flow.status).toBe('FAILED');
    expect(flow.row('l')?.status).toBe('FAILED_WITH_TERMINAL_ERROR');
    expect(flow.reason).toMatch(reason);
  });

  it('that is optional lets the flow go on when its condition has no value', () => {
    const more = { loopCondition: '$.a.b.c == 1', optional: true };
    const flow = startFlow([loop('l', [simple('a')], more), simple('end')]);
    flow.finish('a__1');
    expect(flow.statuses).toMatchObject({ l: 'COMPLETED_WITH_ERRORS', end: 'SCHEDULED' });
  });

  it('retries a task inside of its iteration', () => {
    const taskDefinition = { name: 'a', retryDelaySeconds: 1 };
    const flow = startFlow([loop('l', [simple('a', { retryCount: 1, taskDefinition })])]);
    flow.finish('a__1').fail('a__2').pass(1_000);
    expect(flow.row('a__2')).toMatchObject({ attempt: 2, status: 'SCHEDULED' });
    expect(flow.row('a__1')).toMatchObject({ attempt: 1 });
    finishAll(flow);
    expect(flow.status).toBe('COMPLETED');
  });

  it('ends with the run when a task of its body fails', () => {
    const flow = startFlow([loop('l', [simple('a')])]);
    flow.finish('a__1').fail('a__2');
    expect(flow.status).toBe('FAILED');
    expect(flow.statuses).toEqual({ l: 'CANCELED', a__1: 'COMPLETED', a__2: 'FAILED' });
  });

  it('ends with the run that a TERMINATE of its body ends', () => {
    const end = operator('TERMINATE', 't', {
      inputParameters: {
        terminationStatus: 'COMPLETED',
        workflowOutput: { by: '${l.output.iteration}' },
      },
    });
    const flow = startFlow([
      loop('l', [choose('s', '${l.output.iteration}', { 2: [end] }, [simple('a')])]),
    ]);
    finishAll(flow);
    expect(flow.status).toBe('COMPLETED');
    expect(flow.data('run:output')).toEqual({ by: 2 });
    expect(flow.statuses).toMatchObject({ l: 'CANCELED', t__2: 'COMPLETED' });
  });

  it('runs forks, switches and dynamic forks in each iteration', () => {
    const dynamic = [
      operator('FORK_JOIN_DYNAMIC', 'g', {
        inputParameters: { forkTaskName: 'x', forkTaskInputs: [{ of: '${l.output.iteration}' }] },
      }),
      operator('JOIN', 'g_join'),
    ];
    const body = [
      ...fork(
        'f',
        [[simple('a')], [choose('s', 'k', { k: [simple('b')] }, [simple('c'), simple('d')])]],
        ['a', 'b', 'c', 'd'],
      ),
      ...dynamic,
      simple('e', { inputParameters: { a: '${f_join.output.a.n}', g: '${g_join.output}' } }),
    ];
    const flow = startFlow([loop('l', body, { inputParameters: { value: 2 } })]);
    expect(finishAll(flow)).toEqual(
      [1, 2].flatMap((i) => ['a', 'b', '_g_x_0', 'e'].map((ref) => `${ref}__${i}`)),
    );
    expect(flow.status).toBe('COMPLETED');
    expect(flow.data('i:_g_x_0__2')).toEqual({ of: 2, __index: 0 });
    expect(flow.data('i:e__2')).toEqual({ a: 5, g: { _g_x_0: { n: 7 } } });
  });

  it('runs loops inside, each with iterations of its own', () => {
    const inner = loop('m', [simple('a', { inputParameters: { at: '${l.output.iteration}' } })], {
      inputParameters: { value: 2 },
    });
    const flow = startFlow([
      loop('l', [inner, simple('b', { inputParameters: { last: '${a.output.n}' } })], {
        inputParameters: { value: 2 },
      }),
      simple('end', { inputParameters: { last: '${a.output.n}', inner: '${m.output.iteration}' } }),
    ]);
    expect(finishAll(flow)).toEqual([
      'a__1__1',
      'a__1__2',
      'b__1',
      'a__2__1',
      'a__2__2',
      'b__2',
      'end',
    ]);
    expect(flow.data('i:a__2__1')).toEqual({ at: 2 });
    expect(flow.data('i:b__1')).toEqual({ last: 2 });
    expect(flow.data('i:end')).toEqual({ last: 5, inner: 2 });
    expect(flow.repairs).toEqual([]);
  });

  it('starts one run per iteration for a SUB_WORKFLOW', () => {
    const sub = operator('SUB_WORKFLOW', 'a', { subWorkflowParam: { name: 'child' } });
    const flow = startFlow([loop('l', [sub], { inputParameters: { value: 2 } })]);
    flow.endChild('a__1', 'COMPLETED', { n: 1 }).endChild('a__2', 'COMPLETED', { n: 2 });
    expect(flow.status).toBe('COMPLETED');
    const asked = flow.events('child.requested').map(({ runId }) => runId);
    expect(new Set(asked).size).toBe(2);
  });

  it('waits only for the branches that a JOIN names; the run waits for all', () => {
    const flow = startFlow([
      loop('l', [...fork('f', [[simple('a')], [simple('b')]], ['a'])], {
        inputParameters: { value: 2 },
      }),
    ]);
    flow.finish('a__1').finish('a__2');
    expect(flow.row('l')?.status).toBe('COMPLETED');
    expect(flow.status).toBe('RUNNING');
    expect(flow.finish('b__1').finish('b__2').status).toBe('COMPLETED');
  });
});

describe('DO_WHILE over items', () => {
  it('goes through a list', () => {
    const flow = startFlow([over()], { input: { items: ['x', null, { y: 1 }] } });
    expect(finishAll(flow)).toEqual(['a__1', 'a__2', 'a__3']);
    expect(flow.data('i:a__1')).toEqual({ item: 'x', at: 0 });
    expect(flow.data('i:a__2')).toEqual({ item: null, at: 1 });
    expect(flow.data('i:a__3')).toEqual({ item: { y: 1 }, at: 2 });
    expect(flow.status).toBe('COMPLETED');
  });

  it('runs nothing for an empty list', () => {
    const flow = startFlow([over(), simple('end')], { input: { items: [] } });
    expect(flow.statuses).toEqual({ l: 'COMPLETED', end: 'SCHEDULED' });
    expect(flow.row('l')?.cursor).toBe(0);
    expect(finishAll(flow)).toEqual(['end']);
  });

  it('stops early when its condition says so', () => {
    const flow = startFlow([over({ loopCondition: "$.loopItem != 'y'" })], {
      input: { items: ['x', 'y', 'z'] },
    });
    expect(finishAll(flow)).toEqual(['a__1', 'a__2']);
  });

  it('takes the list from its parameters too', () => {
    const more = { items: '', inputParameters: { _items: [7] } };
    const flow = startFlow([over(more)]);
    finishAll(flow);
    expect(flow.data('i:a__1')).toEqual({ item: 7, at: 0 });
  });

  it.each([null, 'text', { a: 1 }])('fails when the list is %j', (items) => {
    const flow = startFlow([over()], { input: { items } });
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('items must be a list');
  });
});

describe('a loop of many iterations', () => {
  it('that needs no worker is run page by page', () => {
    const flow = startFlow(
      [loop('l', [operator('NOOP', 'n')], { inputParameters: { value: 1_000 } })],
      {
        workflow: { outputParameters: { count: '${l.output.iteration}' } },
      },
    );
    expect(flow.status).toBe('COMPLETED');
    expect(flow.data('run:output')).toEqual({ count: 1_000 });
    expect(flow.requests.length).toBeGreaterThanOrEqual(3);
  });

  it('reads and writes as much in its last iteration as in its tenth', { timeout: 60_000 }, () => {
    const value = 10_000;
    const flow = startFlow([loop('l', [simple('a')], { inputParameters: { value } })], {
      workflow: { outputParameters: { count: '${l.output.iteration}' } },
    });
    const costs = new Map<number, readonly number[]>();
    for (let turn = 1; turn < value; turn += 1) {
      const read = flow.model.partsRead;
      flow.store(`a__${turn}`);
      const { commands } = flow.decideOnce();
      costs.set(turn, [flow.model.partsRead - read, commands.length]);
    }
    expect(flow.row('l')?.cursor).toBe(value);
    expect(costs.get(value - 1)).toEqual(costs.get(10));
    expect(flow.finish(`a__${value}`).data('run:output')).toEqual({ count: value });
  });

  it('fails when it has no end', () => {
    const flow = startFlow([loop('l', [simple('a')], { loopCondition: 'true' })]);
    jump(flow, 99_999);
    flow.finish('a__99999');
    expect(flow.keys).toEqual(['a__100000']);
    expect(flow.finish('a__100000').status).toBe('FAILED');
    expect(flow.reason).toContain('goes on after 100000 iterations');
  });

  it('lets a branch that is late read its own iteration', () => {
    const late = simple('c', { inputParameters: { from: '${a.output.n}' } });
    const flow = startFlow([
      loop('l', [...fork('f', [[simple('a')], [simple('b'), late]], ['a'])]),
    ]);
    flow.finish('a__1', { n: 1 }).finish('a__2', { n: 2 }).finish('b__1');
    expect(flow.data('i:c__1')).toEqual({ from: 1 });
  });

  it('begins an iteration once, however often the one before is seen to be over', () => {
    const flow = startFlow([loop('l', [simple('a'), simple('b')])]);
    flow.finish('a__1').finish('b__1').finish('a__2');
    const { model } = flow;
    const row = flow.row('b__1');
    if (row === undefined) throw new Error('no b__1');
    model.rows.set(row.key, { ...row, isSettled: false });
    model.todo.add(row.key);
    model.makeDirty();
    expect(flow.settle().keys).toEqual(['b__2']);
    expect(flow.row('l')?.cursor).toBe(2);
  });

  it('is found to be in order by a full evaluation, at any moment', () => {
    const flow = startFlow([loop('l', [simple('a'), choose('s', 'k', { k: [simple('b')] })])]);
    for (const ref of ['a__1', 'b__1', 'a__2', 'b__2', 'a__3']) {
      flow.finish(ref);
      expect(flow.reconcile()).toEqual([]);
    }
  });

  it('goes on after its next iteration got lost', () => {
    const flow = startFlow([loop('l', [simple('a'), simple('b')])]);
    flow.finish('a__1').finish('b__1');
    lose(flow, 'a__2');
    expect(flow.reconcile()).toContain('lost-successor');
    expect(flow.keys).toEqual(['a__2']);
    const back = flow.row('l');
    if (back === undefined) throw new Error('no loop');
    lose(flow, 'a__2');
    flow.model.rows.set(back.key, { ...back, cursor: 1 });
    expect(flow.reconcile()).toContain('lost-successor');
    expect(flow.keys).toEqual(['a__2']);
    expect(flow.row('l')?.cursor).toBe(2);
  });
});
