import { describe, expect, it } from 'vitest';
import { fork, operator, simple, startFlow } from '../../../test/flow.ts';
import type { JsonObject } from '../../run/json.ts';
import type { Letter } from '../../run/letter.ts';
import { MAX_RUN_DEPTH } from '../operators/sub-workflow.ts';

const sub = (ref: string, more: JsonObject = {}): JsonObject =>
  operator('SUB_WORKFLOW', ref, { subWorkflowParam: { name: 'child' }, ...more });

const retried = (ref: string, delaySeconds: number): JsonObject =>
  sub(ref, { taskDefinition: { name: ref, retryCount: 2, retryDelaySeconds: delaySeconds } });

const start = (startWorkflow: JsonObject): JsonObject =>
  operator('START_WORKFLOW', 'a', { inputParameters: { startWorkflow } });

function lettersOf(flow: ReturnType<typeof startFlow>, type: Letter['type']): readonly Letter[] {
  return [...flow.model.letters.values()].filter((letter) => letter.type === type);
}

describe('a SUB_WORKFLOW task', () => {
  it('asks for one run and waits for it', () => {
    const flow = startFlow([sub('a', { inputParameters: { n: '${workflow.input.n}' } })], {
      input: { n: 7 },
    });
    expect(flow.row('a')).toMatchObject({ status: 'IN_PROGRESS', attempt: 1 });
    const { token } = flow.row('a') ?? { token: '' };
    expect(lettersOf(flow, 'start-child')).toEqual([
      { type: 'start-child', to: token, key: 'a', attempt: 1 },
    ]);
    expect(flow.data('o:a')).toEqual({ subWorkflowId: token });
    expect(flow.data('i:a')).toEqual({
      subWorkflowName: 'child',
      subWorkflowVersion: null,
      subWorkflowTaskToDomain: null,
      subWorkflowDefinition: null,
      priority: null,
      workflowInput: { n: 7 },
    });
    expect(flow.waiting).toEqual([]);
  });

  it('comes to what its run comes to, and the flow goes on', () => {
    const flow = startFlow([sub('a'), simple('b', { inputParameters: { got: '${a.output.x}' } })]);
    flow.endChild('a', 'COMPLETED', { x: 3 });
    expect(flow.statuses).toEqual({ a: 'COMPLETED', b: 'SCHEDULED' });
    expect(flow.data('i:b')).toEqual({ got: 3 });
  });

  it('hears only the run of its own attempt', () => {
    const flow = startFlow([sub('a')]);
    const { key } = flow.row('a') ?? {};
    if (key === undefined) throw new Error('a is not there');
    const stale = { token: '03-another-run', attempt: 1, status: 'COMPLETED' } as const;
    expect(flow.model.complete(key, stale)).toBe(false);
    expect(flow.row('a')?.status).toBe('IN_PROGRESS');
  });

  it.each([
    ['FAILED', 'FAILED'],
    ['TIMED_OUT', 'TIMED_OUT'],
    ['CANCELED', 'TERMINATED'],
  ] as const)('that ends %s ends its run %s', (child, run) => {
    const flow = startFlow([sub('a'), simple('b')]).endChild('a', child);
    expect(flow.status).toBe(run);
    expect(flow.reason).toContain(`child ${child}`);
  });

  it('starts another run for each attempt, at once or after the delay', () => {
    const atOnce = startFlow([retried('a', 0)]);
    const first = atOnce.row('a')?.token;
    atOnce.endChild('a', 'FAILED');
    expect(atOnce.row('a')).toMatchObject({ status: 'IN_PROGRESS', attempt: 2 });
    expect(atOnce.row('a')?.token).not.toBe(first);
    const later = startFlow([retried('a', 30)]).endChild('a', 'TIMED_OUT');
    expect(later.row('a')).toMatchObject({ status: 'SCHEDULED', attempt: 2, token: '' });
    later.pass(30_000);
    expect(later.row('a')).toMatchObject({ status: 'IN_PROGRESS', attempt: 2 });
    expect(lettersOf(later, 'start-child').map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('is not tried again when its run was terminated', () => {
    const flow = startFlow([retried('a', 0)]).endChild('a', 'CANCELED');
    expect(flow.row('a')).toMatchObject({ status: 'CANCELED', attempt: 1 });
    expect(flow.status).toBe('TERMINATED');
  });

  it('has the same run whenever the same attempt is asked for', () => {
    const [one, two] = [0, 1].map(() => startFlow([sub('a')]).row('a')?.token);
    expect(one).toBe(two);
    expect(startFlow([sub('b')]).row('b')?.token).not.toBe(one);
  });

  it('counts for its join like any other task', () => {
    const flow = startFlow([...fork('f', [[sub('a')], [sub('b')]], ['a', 'b']), simple('c')]);
    flow.endChild('a', 'COMPLETED', { n: 1 });
    expect(flow.row('c')).toBeUndefined();
    flow.endChild('b', 'COMPLETED', { n: 2 });
    expect(flow.row('c')?.status).toBe('SCHEDULED');
  });

  it('takes name, definition and priority from expressions', () => {
    const param = { name: '${workflow.input.name}', priority: '${workflow.input.p}' };
    const input = { name: 'other', p: 9 };
    const named = startFlow([sub('a', { subWorkflowParam: param })], { input });
    expect(named.data('i:a')).toMatchObject({ subWorkflowName: 'other', priority: 9 });
    const definition = { name: 'made', tasks: [simple('x')] };
    const made = startFlow(
      [sub('a', { subWorkflowParam: { workflowDefinition: '${workflow.input.d}' } })],
      { input: { d: definition } },
    );
    expect(made.data('i:a')).toMatchObject({
      subWorkflowName: 'made',
      subWorkflowDefinition: definition,
    });
  });

  it('leaves the expressions of a definition that is written out to the child', () => {
    const inner = simple('x', { inputParameters: { a: '${workflow.input.a}' } });
    const workflowDefinition = { name: 'inline', tasks: [inner] };
    const flow = startFlow([sub('a', { subWorkflowParam: { workflowDefinition } })]);
    const { subWorkflowDefinition } = Object(flow.data('i:a'));
    expect(subWorkflowDefinition).toMatchObject({
      tasks: [{ inputParameters: { a: '${workflow.input.a}' } }],
    });
  });

  it.each([
    ['no name', { name: '${workflow.input.nothing}' }, /names no definition/],
    ['no definition', { name: 'a', workflowDefinition: '${workflow.input.n}' }, /does not yield/],
    ['a priority out of range', { name: 'a', priority: '${workflow.input.n}' }, /whole number/],
  ])('fails for good with %s', (_what, subWorkflowParam, reason) => {
    const flow = startFlow([sub('a', { subWorkflowParam })], { input: { n: 700 } });
    expect(flow.row('a')?.status).toBe('FAILED_WITH_TERMINAL_ERROR');
    expect(flow.reason).toMatch(reason);
    expect(lettersOf(flow, 'start-child')).toEqual([]);
  });

  it('fails for good below too many runs', () => {
    const link = { runId: startFlow([sub('a')]).model.run.id, key: 'p', attempt: 1 };
    const at = (depth: number): string =>
      startFlow([sub('a')], { parent: { ...link, depth } }).row('a')?.status ?? '';
    expect(at(MAX_RUN_DEPTH - 1)).toBe('IN_PROGRESS');
    expect(at(MAX_RUN_DEPTH)).toBe('FAILED_WITH_TERMINAL_ERROR');
  });
});

describe('a dynamic fork', () => {
  it.each([
    [
      'by the name of their definition',
      { forkTaskWorkflow: 'child', forkTaskWorkflowVersion: '2' },
    ],
    ['by tasks', null],
  ])('has runs as branches, %s', (_how, named) => {
    const tasks = ['a', 'b'].map((ref) =>
      sub(ref, { subWorkflowParam: { name: 'child', version: 2 } }),
    );
    const byName = {
      inputParameters: { forkTaskInputs: [{ n: 1 }, { n: 2 }], ...named },
    };
    const byTasks = {
      dynamicForkTasksParam: 'tasks',
      dynamicForkTasksInputParamName: 'inputs',
      inputParameters: { tasks: '${workflow.input.tasks}', inputs: { a: { n: 1 } } },
    };
    const flow = startFlow(
      [
        operator('FORK_JOIN_DYNAMIC', 'f', named === null ? byTasks : byName),
        operator('JOIN', 'j'),
        simple('c'),
      ],
      { input: { tasks } },
    );
    const [one = '', two = ''] = named === null ? ['a', 'b'] : ['_f_child_0', '_f_child_1'];
    expect(flow.statuses).toMatchObject({ [one]: 'IN_PROGRESS', [two]: 'IN_PROGRESS' });
    expect(flow.data(`i:${one}`)).toMatchObject({
      subWorkflowName: 'child',
      subWorkflowVersion: 2,
    });
    flow.endChild(one, 'COMPLETED', { n: 1 }).endChild(two, 'COMPLETED', { n: 2 });
    expect(flow.row('c')?.status).toBe('SCHEDULED');
  });
});

describe('a child whose task is over', () => {
  it('is canceled with the run', () => {
    const flow = startFlow([sub('a')]);
    const to = flow.row('a')?.token;
    flow.operate('terminate', 'enough');
    expect(flow.status).toBe('TERMINATED');
    const reason = 'Parent workflow has been terminated with reason: enough';
    expect(lettersOf(flow, 'cancel-child')).toEqual([
      { type: 'cancel-child', to, key: 'a', attempt: 1, reason },
    ]);
  });

  it('is canceled when its attempt times out, and the next has another', () => {
    const taskDefinition = {
      name: 'a',
      retryCount: 1,
      retryDelaySeconds: 0,
      timeoutSeconds: 60,
      timeoutPolicy: 'RETRY',
      responseTimeoutSeconds: 60,
    };
    const flow = startFlow([sub('a', { taskDefinition })]);
    const to = flow.row('a')?.token;
    flow.pass(60_000);
    expect(flow.row('a')).toMatchObject({ status: 'IN_PROGRESS', attempt: 2 });
    expect(lettersOf(flow, 'cancel-child')).toMatchObject([{ to, attempt: 1 }]);
  });

  it('is not canceled when it has ended by itself', () => {
    const flow = startFlow([sub('a')]).endChild('a', 'FAILED');
    expect(lettersOf(flow, 'cancel-child')).toEqual([]);
  });

  it('is left alone by a pause, and heard after the resume', () => {
    const flow = startFlow([sub('a'), simple('b')]);
    flow.operate('pause');
    flow.endChild('a', 'COMPLETED');
    expect(lettersOf(flow, 'cancel-child')).toEqual([]);
    expect(flow.row('b')).toBeUndefined();
    flow.operate('resume');
    expect(flow.row('b')?.status).toBe('SCHEDULED');
  });
});

describe('a run with a parent', () => {
  const runId = startFlow([sub('a')]).model.run.id;
  const parent = { runId, key: 'p', attempt: 3, depth: 1 };

  it.each(['finish', 'fail'] as const)('tells it of its end: %s', (how) => {
    const flow = startFlow([simple('a')], { parent });
    expect(lettersOf(flow, 'notify-parent')).toEqual([]);
    flow[how]('a');
    expect(lettersOf(flow, 'notify-parent')).toEqual([
      { type: 'notify-parent', to: runId, key: 'p', attempt: 3 },
    ]);
  });
});

describe('a START_WORKFLOW task', () => {
  it('is over when the run exists, and does not cancel it', () => {
    const flow = startFlow([start({ name: 'other' }), simple('b')]);
    const to = flow.row('a')?.token;
    expect(lettersOf(flow, 'start-run')).toEqual([{ type: 'start-run', to, key: 'a', attempt: 1 }]);
    flow.operate('terminate');
    expect(lettersOf(flow, 'cancel-child')).toEqual([]);
  });

  it('goes on with the id of the run', () => {
    const flow = startFlow([start({ name: 'other' }), simple('b')]);
    flow.endChild('a', 'COMPLETED', { workflowId: 'r' });
    expect(flow.row('b')?.status).toBe('SCHEDULED');
  });

  it('fails for good without a request', () => {
    const flow = startFlow([
      operator('START_WORKFLOW', 'a', {
        inputParameters: { startWorkflow: '${workflow.input.none}' },
      }),
    ]);
    expect(flow.reason).toMatch(/must be a request/);
  });
});

describe('a full evaluation', () => {
  const ended = { type: 'ended', status: 'COMPLETED', reason: '', output: { x: 1 } } as const;

  it('hears of a run that has ended and told nobody', () => {
    const flow = startFlow([sub('a'), simple('b')]);
    expect(flow.reconcile({ a: ended })).toEqual(['parent-not-notified']);
    expect(flow.data('o:a')).toEqual({ x: 1 });
    expect(flow.statuses).toEqual({ a: 'COMPLETED', b: 'SCHEDULED' });
    expect(flow.reconcile()).toEqual([]);
  });

  it('asks once more for a run that does not exist', () => {
    const flow = startFlow([sub('a')]);
    const to = flow.row('a')?.token;
    flow.model.letters.clear();
    expect(flow.reconcile({ a: { type: 'absent' } })).toEqual(['parent-not-notified']);
    expect(lettersOf(flow, 'start-child')).toMatchObject([{ to, attempt: 1 }]);
    expect(flow.row('a')).toMatchObject({ status: 'IN_PROGRESS', attempt: 1, token: to });
  });

  it('finds nothing apart in a run whose children are as they should be', () => {
    const flow = startFlow([...fork('f', [[sub('a')], [retried('b', 30)]], ['a', 'b'])]);
    flow.endChild('b', 'FAILED');
    expect(flow.reconcile()).toEqual([]);
  });

  it('wakes an attempt whose delay was lost', () => {
    const flow = startFlow([retried('a', 30)]).endChild('a', 'FAILED');
    flow.model.timers.clear();
    expect(flow.reconcile()).toEqual(['lost-timer']);
    expect(flow.row('a')?.status).toBe('IN_PROGRESS');
  });
});
