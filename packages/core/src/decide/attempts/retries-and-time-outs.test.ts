import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@joinery/core';
import { fork, operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

function timed(taskDefinition: JsonObject, more: JsonObject = {}): Flow {
  const definition = {
    name: 'a',
    retryDelaySeconds: 10,
    responseTimeoutSeconds: 0,
    ...taskDefinition,
  };
  return startFlow([simple('a', { taskDefinition: definition, ...more })]);
}

describe('a retry', () => {
  it.each<[string, JsonObject, readonly number[]]>([
    ['FIXED', {}, [10, 10, 10]],
    ['LINEAR_BACKOFF', { backoffScaleFactor: 2 }, [20, 40, 60]],
    ['EXPONENTIAL_BACKOFF', {}, [10, 20, 40]],
    ['EXPONENTIAL_BACKOFF', { maxRetryDelaySeconds: 15 }, [10, 15, 15]],
  ])('comes after the delay of its policy: %s %j', (retryLogic, more, delays) => {
    const flow = timed({ retryLogic, ...more }, { retryCount: delays.length });
    for (const [index, seconds] of delays.entries()) {
      flow.fail('a');
      expect(flow.row('a')).toMatchObject({ status: 'SCHEDULED', attempt: index + 2 });
      flow.pass(seconds * 1000 - 1);
      expect(flow.waiting).toEqual([]);
      flow.pass(1);
      expect(flow.waiting).toEqual(['a']);
    }
    expect(flow.fail('a').status).toBe('FAILED');
    expect(flow.reason).toBe("Task a failed with status: FAILED and reason: 'no luck'");
    expect([...flow.model.archived.keys()]).toEqual(['a@1', 'a@2', 'a@3']);
  });

  it('comes when the failed attempt has asked for it, and the next one by the policy again', () => {
    const flow = timed({ retryLogic: 'EXPONENTIAL_BACKOFF' }, { retryCount: 3 });
    flow.fail('a', 'busy', { retryAfterMs: 2_500 }).pass(2_499);
    expect(flow.waiting).toEqual([]);
    expect(flow.pass(1).waiting).toEqual(['a']);
    flow.fail('a').pass(19_999);
    expect(flow.waiting).toEqual([]);
    expect(flow.pass(1).waiting).toEqual(['a']);
  });

  it('comes when a branch that was made at run time has asked for it', () => {
    const dynamicTasks = [simple('x', { retryCount: 1 })];
    const flow = startFlow([
      operator('FORK_JOIN_DYNAMIC', 'f', {
        dynamicForkTasksParam: 'dynamicTasks',
        dynamicForkTasksInputParamName: 'inputs',
        inputParameters: { dynamicTasks, inputs: {} },
      }),
      operator('JOIN', 'j'),
    ]);
    flow.fail('x', 'busy', { retryAfterMs: 70 }).pass(69);
    expect(flow.waiting).toEqual([]);
    expect(flow.pass(1).waiting).toEqual(['x']);
    expect(Math.max(...flow.requests)).toBeLessThanOrEqual(1);
  });

  it.each([
    ['a text', '5'],
    ['negative', -5],
    ['absent', undefined],
  ])('comes after the delay of its policy when the wish is %s', (_what, retryAfterMs) => {
    const flow = timed({}, { retryCount: 1 });
    flow.fail('a', 'busy', retryAfterMs === undefined ? {} : { retryAfterMs }).pass(9_999);
    expect(flow.waiting).toEqual([]);
    expect(flow.pass(1).waiting).toEqual(['a']);
  });

  it('after a time-out does not go by what an earlier attempt has asked for', () => {
    const flow = timed({ timeoutSeconds: 1, timeoutPolicy: 'RETRY' }, { retryCount: 2 });
    flow.fail('a', 'busy', { retryAfterMs: 5 }).pass(5).claim('a').pass(1_000);
    expect(flow.row('a')).toMatchObject({ attempt: 3, status: 'SCHEDULED' });
    flow.pass(9_999);
    expect(flow.waiting).toEqual([]);
    expect(flow.pass(1).waiting).toEqual(['a']);
  });

  it('is not made after a failure for good, and not more often than the definition says', () => {
    expect(timed({ retryCount: 3 }, { retryCount: 3 }).failForGood('a').status).toBe('FAILED');
    expect(timed({ retryCount: 3 }, { retryCount: 0 }).fail('a').status).toBe('FAILED');
  });

  it('keeps each attempt’s row as it ended, and its dispatch number grows', () => {
    const flow = timed({}, { retryCount: 1 });
    flow.fail('a', 'first').pass(10_000);
    expect(flow.model.archived.get('a@1')).toMatchObject({ status: 'FAILED', reason: 'first' });
    expect(flow.row('a')).toMatchObject({ attempt: 2, dispatch: 2, token: '', deliveries: 0 });
  });

  it('computes the input anew, with the template for what is absent or null', () => {
    const inputTemplate = { who: '${workflow.input.who}', n: '${workflow.variables.n}', keep: 1 };
    const flow = startFlow(
      [simple('a', { retryCount: 1, inputParameters: { n: '${workflow.input.none}', keep: 2 } })],
      { input: { who: 'me' }, taskDefs: [{ name: 'a', retryDelaySeconds: 0, inputTemplate }] },
    );
    expect(flow.data('i:a')).toEqual({ who: 'me', n: null, keep: 2 });
    flow.model.data.set('run:variables', { n: 5 });
    flow.fail('a');
    expect(flow.data('i:a')).toEqual({ who: 'me', n: 5, keep: 2 });
  });
});

const attemptsAfter = (
  taskDef: JsonObject,
  fail: (flow: Flow) => Flow = (flow) => flow.fail('a', 'no luck'),
): number => {
  const taskDefs = [{ name: 'a', retryCount: 3, retryDelaySeconds: 0, ...taskDef }];
  const task = operator('SIMPLE', 'a', { retryPolicy: {} });
  return fail(startFlow([task], { taskDefs })).row('a')?.attempt ?? 0;
};
const failWith =
  (error: JsonObject, reason = '') =>
  (flow: Flow): Flow =>
    flow.fail('a', reason, { error });

const wait = (flow: Flow): Flow => flow.claim('a').pass(1_000);

describe('the class of an error', () => {
  it.each<[string, JsonObject, (flow: Flow) => Flow, number]>([
    ['by its name', { retryOn: ['Timeout*'] }, failWith({ name: 'TimeoutError' }), 2],
    ['by its code', { retryOn: ['E*RESET'] }, failWith({ code: 'ECONNRESET' }), 2],
    ['by its reason', { retryOn: ['Busy'] }, (flow) => flow.fail('a', 'Busy: later'), 2],
    ['not by another', { retryOn: ['Busy', 'Timeout*'] }, failWith({ name: 'Gone' }), 1],
    ['not when it is to abort', { abortOn: ['Gone'] }, failWith({ name: 'Gone' }), 1],
    ['when another is to abort', { abortOn: ['Gone'] }, failWith({ name: 'Busy' }), 2],
    ['not when both say so', { retryOn: ['*'], abortOn: ['G*e'] }, failWith({ name: 'Gone' }), 1],
    ['when any is', { retryOn: ['Error'] }, (flow) => flow.fail('a', 'no class'), 2],
    ['not by half a pattern', { retryOn: ['ab*ba'] }, failWith({ name: 'aba' }), 1],
    ['not by the middle', { retryOn: ['*b*'], abortOn: ['c*'] }, failWith({ name: 'abc' }), 2],
  ])('decides whether it is retried: %s', (_how, taskDef, fail, attempts) => {
    expect(attemptsAfter(taskDef, fail)).toBe(attempts);
  });

  it('of what runs out of time is TIMED_OUT', () => {
    const slow = { timeoutSeconds: 1, timeoutPolicy: 'RETRY' };
    expect(attemptsAfter({ ...slow, retryOn: ['TIMED_OUT'] }, wait)).toBe(2);
    expect(attemptsAfter({ ...slow, abortOn: ['TIMED_OUT'] }, wait)).toBe(1);
  });

  it('that is not retried fails the run with its own reason', () => {
    const taskDefs = [{ name: 'a', retryCount: 3, abortOn: ['Declined'] }];
    const flow = startFlow([operator('SIMPLE', 'a')], { taskDefs }).fail('a', 'Declined: no funds');
    expect([flow.status, flow.row('a')?.status]).toEqual(['FAILED', 'FAILED']);
    expect(flow.reason).toContain('Declined: no funds');
  });
});

describe('the retry policy of a task', () => {
  it('takes the place of what its definition says, as far as it goes', () => {
    const taskDefs = [{ name: 'a', retryCount: 0, retryDelaySeconds: 60, abortOn: ['Gone'] }];
    const retryPolicy = { retryCount: 2, retryLogic: 'LINEAR_BACKOFF', retryDelaySeconds: 5 };
    const flow = startFlow([operator('SIMPLE', 'a', { retryPolicy })], { taskDefs });
    expect(flow.fail('a').pass(4_999).waiting).toEqual([]);
    expect(flow.pass(1).waiting).toEqual(['a']);
    expect(flow.fail('a').pass(9_999).waiting).toEqual([]);
    expect(flow.pass(1).fail('a', 'Gone: for good').status).toBe('FAILED');
  });

  it('may bound the time of all attempts together', () => {
    const retryPolicy = { retryCount: 9, retryDelaySeconds: 4, totalTimeoutSeconds: 10 };
    const flow = startFlow([operator('SIMPLE', 'a', { retryPolicy })]);
    for (let i = 0; i < 2; i += 1) flow.fail('a').pass(4_000);
    expect(flow.status).toBe('RUNNING');
    expect(flow.fail('a').pass(2_000).status).toBe('TIMED_OUT');
  });
});

describe('a failure', () => {
  it('of an optional task lets the flow go on, and counts as done', () => {
    const flow = startFlow([simple('a', { optional: true }), simple('b')]);
    flow.fail('a').finish('b');
    expect(flow.statuses).toEqual({ a: 'COMPLETED_WITH_ERRORS', b: 'COMPLETED' });
    expect(flow.status).toBe('COMPLETED');
  });

  it('of a permissive task lets the flow go on, and fails the run at its end', () => {
    const flow = startFlow([simple('a', { permissive: true }), simple('b')]);
    flow.fail('a').finish('b');
    expect(flow.statuses).toEqual({ a: 'FAILED', b: 'COMPLETED' });
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('Task a failed');
  });

  it('cancels what is open, settles what failed at the same time, and ends the run once', () => {
    const tasks = fork('f', [[simple('a')], [simple('b')], [simple('c')]], ['a', 'b', 'c']);
    const flow = startFlow([...tasks]);
    flow.store('a', 'FAILED').store('b', 'FAILED').settle();
    expect(flow.statuses).toMatchObject({ a: 'FAILED', b: 'FAILED', c: 'CANCELED' });
    expect(flow.model.openKeys()).toEqual([]);
    expect(flow.model.run).toMatchObject({ status: 'FAILED', open: 0 });
    expect(flow.model.todo.size).toBe(0);
    expect(flow.model.history.at(-1)?.type).toBe('run.ended');
  });
});

describe('a time-out', () => {
  it.each<[string, JsonObject, string, string]>([
    ['timeout', { timeoutSeconds: 5, timeoutPolicy: 'TIME_OUT_WF' }, 'TIMED_OUT', 'TIMED_OUT'],
    ['timeout', { timeoutSeconds: 5, timeoutPolicy: 'RETRY' }, 'SCHEDULED', 'RUNNING'],
    ['timeout', { timeoutSeconds: 5, timeoutPolicy: 'ALERT_ONLY' }, 'IN_PROGRESS', 'RUNNING'],
    ['response', { responseTimeoutSeconds: 5 }, 'SCHEDULED', 'RUNNING'],
    ['total', { totalTimeoutSeconds: 5 }, 'TIMED_OUT', 'TIMED_OUT'],
  ])('of kind %s with %j leaves the task %s and the run %s', (_, def, task, run) => {
    const flow = timed(def, { retryCount: 1 });
    flow.claim('a').pass(4_999);
    expect(flow.row('a')?.status).toBe('IN_PROGRESS');
    flow.pass(1);
    expect(flow.row('a')?.status).toBe(task);
    expect(flow.status).toBe(run);
    expect(flow.model.dueTimers()).toEqual([]);
  });

  it.each([
    ['TIME_OUT_WF', 'TIMED_OUT', 'TIMED_OUT'],
    ['RETRY', 'SCHEDULED', 'RUNNING'],
    ['ALERT_ONLY', 'SCHEDULED', 'RUNNING'],
  ])('of a task that nobody polls follows the policy %s', (timeoutPolicy, task, run) => {
    const flow = timed({ pollTimeoutSeconds: 5, timeoutPolicy }, { retryCount: 1 });
    flow.pass(5_000);
    expect(flow.row('a')?.status).toBe(task);
    expect(flow.status).toBe(run);
    expect(flow.row('a')?.attempt).toBe(timeoutPolicy === 'RETRY' ? 2 : 1);
  });

  it('of kind total counts over all attempts, also when it is due while the last failure is unsettled', () => {
    const slow = timed({ totalTimeoutSeconds: 25 }, { retryCount: 5 });
    slow.fail('a').pass(10_000).fail('a').pass(10_000).pass(5_000);
    expect(slow.status).toBe('TIMED_OUT');
    const sudden = timed({ totalTimeoutSeconds: 5 }, { retryCount: 5 });
    sudden.model.now += 5_000;
    sudden.store('a', 'FAILED').settle();
    expect(sudden.status).toBe('TIMED_OUT');
    expect(sudden.row('a')?.attempt).toBe(1);
    expect(sudden.reason).toContain('total timeout of 5 seconds');
  });

  it('of kind total does not outlive a task that is done, optional or failed', () => {
    for (const end of ['finish', 'fail'] as const) {
      const flow = timed({ totalTimeoutSeconds: 5 }, { optional: true });
      flow[end]('a');
      expect([...flow.model.timers.keys()]).toEqual([]);
    }
  });

  it('of a run ends it, or only warns', () => {
    const ended = startFlow([simple('a')], {
      workflow: { timeoutSeconds: 9, timeoutPolicy: 'TIME_OUT_WF' },
    });
    expect(ended.pass(9_000).status).toBe('TIMED_OUT');
    expect(ended.row('a')?.status).toBe('CANCELED');
    const warned = startFlow([simple('a')], {
      workflow: { timeoutSeconds: 9, timeoutPolicy: 'ALERT_ONLY' },
    });
    expect(warned.pass(9_000).status).toBe('RUNNING');
    expect(warned.events('timer.ignored')).toHaveLength(1);
    expect(warned.finish('a').status).toBe('COMPLETED');
  });

  it('that no longer applies is cleared, whatever it names', () => {
    const flow = timed({});
    for (const timer of ['wait:a', 'wait:gone', 'timeout:gone'] as const)
      flow.model.timers.set(timer, 0);
    flow.settle();
    expect([...flow.model.timers.keys()]).toEqual([]);
    expect(flow.finish('a').status).toBe('COMPLETED');
  });
});
