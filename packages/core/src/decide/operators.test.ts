import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '@joinery/core';
import { choose, fork, operator, simple, startFlow } from '../../test/flow.ts';

const wait = (inputParameters: JsonObject): JsonObject =>
  operator('WAIT', 'w', { inputParameters });
const set = (ref: string, inputParameters: JsonObject): JsonObject =>
  operator('SET_VARIABLE', ref, { inputParameters });

describe('SWITCH', () => {
  it.each<[Json, readonly string[]]>([
    ['k', ['a', 'end']],
    ['empty', ['end']],
    ['other', ['d', 'end']],
    [null, ['d', 'end']],
    [7, ['seven', 'end']],
    ['constructor', ['d', 'end']],
    ['__proto__', ['d', 'end']],
  ])('takes for the value %j the tasks %j', (value, refs) => {
    const cases = { k: [simple('a')], empty: [], 7: [simple('seven')] };
    const flow = startFlow([choose('s', value, cases, [simple('d')]), simple('end')]);
    const met: string[] = [];
    while (flow.waiting.length > 0) {
      met.push(...flow.waiting);
      for (const ref of flow.waiting) flow.finish(ref);
    }
    expect(met).toEqual(refs);
    expect(flow.status).toBe('COMPLETED');
  });

  it('reads its value only among its own parameters', () => {
    const flow = startFlow([
      { ...choose('s', 'k', { k: [simple('a')] }, [simple('d')]), expression: 'toString' },
    ]);
    expect(flow.statuses).toEqual({ s: 'COMPLETED', d: 'SCHEDULED' });
    expect(flow.data('o:s')).toEqual({ evaluationResult: ['null'], selectedCase: 'null' });
  });

  it.each([
    ['k', { n: 1 }],
    ['constructor', { n: 2 }],
  ])('gives a run its output by the case that was taken: %s', (value, output) => {
    const flow = startFlow([choose('s', value, { k: [simple('a')] }, [simple('d')])]);
    for (const ref of flow.waiting) flow.finish(ref, output);
    expect(flow.data('run:output')).toEqual(output);
  });

  it('gives its own output when its case is empty', () => {
    const flow = startFlow([choose('s', 'none', { k: [simple('a')] })]);
    expect(flow.data('run:output')).toEqual({ evaluationResult: ['none'], selectedCase: 'none' });
  });
});

describe('TERMINATE', () => {
  it.each(['COMPLETED', 'FAILED', 'TERMINATED'])('inside a fork ends the run %s', (status) => {
    const end = operator('TERMINATE', 't', {
      inputParameters: {
        terminationStatus: status,
        workflowOutput: { n: 1 },
        terminationReason: 'enough',
      },
    });
    const flow = startFlow([
      ...fork('f', [[simple('a'), end], [simple('b')], [simple('c')]], ['b', 'c']),
    ]);
    flow.claim('c').finish('a');
    expect(flow.status).toBe(status);
    expect(flow.reason).toBe('enough');
    expect(flow.statuses).toMatchObject({
      b: 'CANCELED',
      c: 'CANCELED',
      f_join: 'CANCELED',
      t: 'COMPLETED',
    });
    expect(flow.data('run:output')).toEqual({ n: 1 });
    expect(flow.waiting).toEqual([]);
  });

  it('wraps an output that is no object, and names itself when no reason is given', () => {
    const flow = startFlow([
      operator('TERMINATE', 't', {
        inputParameters: { terminationStatus: 'FAILED', workflowOutput: 7 },
      }),
    ]);
    expect(flow.data('run:output')).toEqual({ output: 7 });
    expect(flow.reason).toMatch(/Workflow is FAILED by TERMINATE task: .*\.t$/);
  });

  it('with a status that is none fails the run', () => {
    const terminationStatus = '${workflow.input.status}';
    const flow = startFlow(
      [operator('TERMINATE', 't', { inputParameters: { terminationStatus } })],
      {
        input: { status: 'PAUSED' },
      },
    );
    expect(flow.reason).toContain('terminationStatus must be one of');
  });
});

describe('WAIT', () => {
  it('ends after its duration, at its moment, or when somebody completes it', () => {
    const during = startFlow([wait({ duration: '2 seconds' })]);
    expect(during.pass(1_999).status).toBe('RUNNING');
    expect(during.pass(1).status).toBe('COMPLETED');
    const until = startFlow([wait({ until: '1970-01-01 00:20' })], { at: 1_000_000 });
    expect(until.pass(199_999).status).toBe('RUNNING');
    expect(until.pass(1).status).toBe('COMPLETED');
    const manual = startFlow([wait({})]);
    expect(manual.pass(1e9).status).toBe('RUNNING');
    expect(manual.finish('w').status).toBe('COMPLETED');
  });

  it('that is completed early is not woken by its timer', () => {
    const flow = startFlow([wait({ duration: '5s' }), simple('a')]);
    flow.finish('w').pass(5_000);
    expect(flow.statuses).toEqual({ w: 'COMPLETED', a: 'SCHEDULED' });
    expect(flow.model.timers.size).toBe(0);
  });

  it('that may fail lets the flow go on', () => {
    const flow = startFlow([{ ...wait({}), optional: true }, simple('a')]);
    flow.fail('w');
    expect(flow.statuses).toEqual({ w: 'COMPLETED_WITH_ERRORS', a: 'SCHEDULED' });
  });

  it('fails the run when its time cannot be read', () => {
    const flow = startFlow([wait({ duration: '${workflow.input.d}' })], { input: { d: 'soon' } });
    expect(flow.reason).toContain('WAIT cannot read the duration "soon"');
  });
});

describe('SET_VARIABLE', () => {
  it('merges its input into the variables, in the same decision for who reads them next', () => {
    const flow = startFlow([
      set('one', { n: 1, m: 1 }),
      set('two', { n: '${workflow.variables.m}2' }),
      simple('a', { inputParameters: { n: '${workflow.variables.n}' } }),
    ]);
    expect(flow.data('i:a')).toEqual({ n: '12' });
  });

  it('fails, and changes nothing, when the variables grow over their limit', () => {
    const big = 'x'.repeat(200 * 1024);
    const flow = startFlow([set('one', { a: big }), set('two', { b: big })]);
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('JN_PAYLOAD_TOO_LARGE');
    expect(flow.data('run:variables')).toEqual({ a: big });
  });
});

describe('an expression that has no value', () => {
  const bad = '${workflow.input.${workflow.input.p}}';
  const options = { input: { p: 'x]' } };

  it.each<[string, JsonObject]>([
    ['SIMPLE', simple('t', { inputParameters: { bad } })],
    ['NOOP', operator('NOOP', 't', { inputParameters: { bad } })],
    ['SET_VARIABLE', operator('SET_VARIABLE', 't', { inputParameters: { bad } })],
    ['SWITCH', choose('t', bad, { k: [] })],
    ['WAIT', operator('WAIT', 't', { inputParameters: { duration: bad } })],
    ['TERMINATE', operator('TERMINATE', 't', { inputParameters: { terminationStatus: bad } })],
  ])('in a %s ends the run FAILED with the reason and the place', (_, task) => {
    const flow = startFlow([task, simple('never')], options);
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toMatch(/^Task t failed .*cannot be read/);
    expect(flow.row('never')).toBeUndefined();
  });

  it('in the output parameters ends the run FAILED', () => {
    const flow = startFlow([operator('NOOP', 'n')], {
      ...options,
      workflow: { outputParameters: { bad } },
    });
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toMatch(/^outputParameters: /);
  });

  it('in an optional task lets the flow go on', () => {
    const flow = startFlow(
      [simple('t', { inputParameters: { bad }, optional: true }), simple('b')],
      options,
    );
    expect(flow.statuses).toEqual({ t: 'COMPLETED_WITH_ERRORS', b: 'SCHEDULED' });
  });
});

describe('the input of a task', () => {
  it('reads a join’s branches, by name or all together', () => {
    const flow = startFlow([
      ...fork('f', [[simple('a')], [simple('b')]], ['a', 'b']),
      simple('c', { inputParameters: { one: '${f_join.output.a.n}', all: '${f_join.output}' } }),
    ]);
    flow.finish('a', { n: 1 }).finish('b', { n: 2 });
    expect(flow.data('i:c')).toEqual({ one: 1, all: { a: { n: 1 }, b: { n: 2 } } });
  });

  it('starts late when its task says so', () => {
    const flow = startFlow([simple('a', { startDelay: 3 })]);
    expect(flow.pass(2_999).waiting).toEqual([]);
    expect(flow.pass(1).waiting).toEqual(['a']);
  });
});
