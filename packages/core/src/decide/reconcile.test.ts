import { describe, expect, it } from 'vitest';
import { taskKeyOf, type RepairKind } from '@joinery/core';
import { choose, fork, operator, simple, startFlow, type Flow } from '../../test/flow.ts';

const forked = (): Flow =>
  startFlow([...fork('f', [[simple('a'), simple('c')], [simple('b')]], ['c', 'b']), simple('end')]);

/** Takes what the run waits for, until it ends. */
function finishAll(flow: Flow): Flow {
  for (let turn = 0; turn < 20 && flow.status === 'RUNNING'; turn += 1) {
    for (const ref of flow.waiting) flow.finish(ref);
    flow.pass(60_000);
  }
  return flow;
}

describe('a full evaluation', () => {
  it.each<[string, () => Flow]>([
    ['a fork at its start', forked],
    ['a fork half way', () => forked().finish('a')],
    ['a claimed task', () => forked().claim('a')],
    ['a fork after its join', () => forked().finish('a').finish('c').finish('b')],
    ['a wait', () => startFlow([operator('WAIT', 'w', { inputParameters: { duration: '1s' } })])],
    ['a wait for somebody', () => startFlow([operator('WAIT', 'w')])],
    ['a retry to come', () => startFlow([simple('a', { retryCount: 1 })]).fail('a')],
    ['a switch', () => startFlow([choose('s', 'k', { k: [simple('a')] }, [simple('d')])])],
    [
      'an optional switch that failed',
      () =>
        startFlow(
          [
            {
              ...choose('s', '${workflow.input.${workflow.input.p}}', {}, [simple('d')]),
              decisionCases: { k: [] },
              optional: true,
            },
            simple('b'),
          ],
          { input: { p: 'x]' } },
        ),
    ],
    [
      'warnings that were given',
      () =>
        startFlow(
          [
            simple('a', {
              taskDefinition: {
                name: 'a',
                timeoutSeconds: 5,
                responseTimeoutSeconds: 0,
                timeoutPolicy: 'ALERT_ONLY',
              },
            }),
          ],
          { workflow: { timeoutSeconds: 9, timeoutPolicy: 'ALERT_ONLY' } },
        )
          .claim('a')
          .pass(9_000),
    ],
    [
      'a task that nobody polled, warned of',
      () =>
        startFlow([
          simple('a', {
            taskDefinition: { name: 'a', pollTimeoutSeconds: 5, timeoutPolicy: 'ALERT_ONLY' },
          }),
        ]).pass(5_000),
    ],
  ])('finds nothing in a healthy run and changes nothing: %s', (_, make) => {
    const flow = make();
    const before = flow.model.history.length;
    expect(flow.reconcile()).toEqual([]);
    expect(flow.model.history).toHaveLength(before);
  });

  it.each<[string, () => Flow, (flow: Flow) => void, readonly RepairKind[]]>([
    ['a lost root', forked, lose, ['wrong-count', 'no-open-task']],
    [
      'a lost successor',
      () => forked().finish('a'),
      (flow) => drop(flow, 'c'),
      ['wrong-count', 'lost-successor'],
    ],
    ['a lost join', forked, (flow) => drop(flow, 'f_join'), ['wrong-count', 'lost-successor']],
    [
      'a lost first of a case',
      () => startFlow([choose('s', 'k', { k: [simple('a')] })]),
      (flow) => drop(flow, 'a'),
      ['wrong-count', 'lost-successor'],
    ],
    [
      'an end that was not noticed',
      () =>
        startFlow([simple('a'), operator('WAIT', 'w')])
          .finish('a')
          .finish('w'),
      reopen,
      ['no-open-task'],
    ],
    ['an unsettled task', () => forked().claim('b'), forgetTodo, ['unsettled-task']],
    [
      'an unfired join',
      () => forked().finish('a').finish('c').claim('b'),
      silently,
      ['join-not-fired'],
    ],
    [
      'lost arrivals',
      () => forked().finish('b'),
      (flow) => flow.model.arrivals.clear(),
      ['wrong-count'],
    ],
    ['a wrong count', forked, (flow) => count(flow, 9), ['wrong-count']],
    ['a count of none', forked, (flow) => count(flow, 0), ['wrong-count']],
    [
      'a lost dispatch',
      forked,
      (flow) => {
        flow.model.letters.clear();
        flow.model.checks.clear();
      },
      ['lost-timer', 'lost-timer'],
    ],
    [
      'a lost lease',
      () => forked().claim('a'),
      (flow) => flow.model.leases.clear(),
      ['lost-timer'],
    ],
    [
      'a lost wait',
      () => startFlow([operator('WAIT', 'w', { inputParameters: { duration: '9s' } })]),
      forgetTimers,
      ['lost-timer'],
    ],
    [
      'a lost back-off',
      () => startFlow([simple('a', { retryCount: 1 })]).fail('a'),
      forgetTimers,
      ['lost-timer'],
    ],
    [
      'a lost time-out of the run',
      () =>
        startFlow([simple('a')], { workflow: { timeoutSeconds: 9, timeoutPolicy: 'TIME_OUT_WF' } }),
      forgetTimers,
      ['lost-timer'],
    ],
    [
      'lost time-outs of a claim',
      () => startFlow([timed()]).claim('a'),
      forgetTimers,
      ['lost-timer', 'lost-timer', 'lost-timer'],
    ],
    [
      'a lost poll time-out',
      () => startFlow([timed()]),
      forgetTimers,
      ['lost-timer', 'lost-timer'],
    ],
  ])('finds and mends %s', (_, make, injure, repairs) => {
    const flow = make();
    injure(flow);
    expect(flow.reconcile()).toEqual(repairs);
    expect(flow.reconcile()).toEqual([]);
    finishAll(flow);
    expect(flow.status).toMatch(/COMPLETED|TIMED_OUT/);
    expect(flow.model.run.open).toBe(0);
  });

  it('mends a lost branch of a dynamic fork, and only that one', () => {
    const flow = startFlow([
      operator('FORK_JOIN_DYNAMIC', 'd', {
        inputParameters: { forkTaskName: 'x', forkTaskInputs: [1, 2, 3] },
      }),
      operator('JOIN', 'd_join'),
    ]);
    drop(flow, '_d_x_1');
    expect(flow.reconcile()).toEqual(['wrong-count', 'lost-successor']);
    expect(finishAll(flow).status).toBe('COMPLETED');
    expect(flow.events('task.scheduled')).toHaveLength(5);
  });

  it('mends a wide fork page by page', () => {
    const refs = Array.from({ length: 600 }, (_, i) => `b${i}`);
    const flow = startFlow([
      ...fork(
        'f',
        refs.map((ref) => [simple(ref)]),
        refs,
      ),
    ]);
    for (const ref of refs) drop(flow, ref);
    expect(flow.reconcile().length).toBeLessThanOrEqual(260);
    flow.reconcile();
    flow.reconcile();
    expect(flow.waiting).toHaveLength(600);
    expect(flow.reconcile()).toEqual([]);
  });

  it('repairs nothing that is merely on the next page of the to-do list', () => {
    const refs = Array.from({ length: 600 }, (_, i) => `b${i}`);
    const branches = refs.map((ref) => [simple(ref), simple(`${ref}x`)]);
    const flow = startFlow([...fork('f', branches, refs)]);
    for (const ref of refs) flow.store(ref);
    expect(flow.reconcile()).toEqual([]);
  });

  it('asks for all it reads in a few requests, however many switches and waits there are', () => {
    const inner = Array.from({ length: 100 }, (_, i) => [
      choose(`s${i}`, 'k', { k: [operator('WAIT', `w${i}`)] }),
    ]);
    const flow = startFlow([...fork('f', inner, [])]);
    expect(flow.reconcile()).toEqual([]);
  });

  it('gives a claim whose response timer was lost a whole period, not what is left since its start', () => {
    const flow = startFlow([
      simple('a', { taskDefinition: { name: 'a', responseTimeoutSeconds: 5 } }),
    ]);
    flow.claim('a').pass(4_000);
    forgetTimers(flow);
    flow.reconcile();
    expect(flow.pass(4_000).row('a')?.status).toBe('IN_PROGRESS');
  });
});

function timed(): ReturnType<typeof simple> {
  return simple('a', {
    taskDefinition: {
      name: 'a',
      timeoutSeconds: 50,
      responseTimeoutSeconds: 40,
      pollTimeoutSeconds: 60,
      totalTimeoutSeconds: 90,
    },
  });
}

function drop(flow: Flow, ref: string): void {
  const { model } = flow;
  model.rows.delete(taskKeyOf(ref));
  model.letters.delete(`dispatch:${ref}`);
  model.checks.delete(taskKeyOf(ref));
}

function lose(flow: Flow): void {
  for (const key of flow.model.rows.keys()) drop(flow, key);
}

function reopen({ model }: Flow): void {
  model.run = { ...model.run, status: 'RUNNING', isRootDone: false };
}

function count({ model }: Flow, open: number): void {
  model.run = { ...model.run, open };
}

function forgetTodo(flow: Flow): void {
  flow.store('b', 'COMPLETED');
  const row = flow.row('b');
  if (row !== undefined) flow.model.rows.set(row.key, { ...row, isSettled: false });
  const { open } = flow.model.run;
  count(flow, flow.model.openKeys().length === open ? open : open + 1);
  flow.model.todo.clear();
  flow.model.run = { ...flow.model.run, seen: flow.model.run.dirty };
}

function silently(flow: Flow): void {
  flow.store('b', 'COMPLETED');
  const row = flow.row('b');
  if (row !== undefined) flow.model.rows.set(row.key, { ...row, isSettled: true });
  count(flow, flow.model.openKeys().length);
  flow.model.todo.clear();
  flow.model.run = { ...flow.model.run, seen: flow.model.run.dirty };
}

function forgetTimers({ model }: Flow): void {
  model.timers.clear();
}
