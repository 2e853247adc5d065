import { describe, expect, it } from 'vitest';
import type { Evaluation, EvaluationResult, JsonObject } from '@joinery/core';
import { operator, simple, startFlow } from '../../../test/flow.ts';

const inline = (inputParameters: JsonObject): JsonObject =>
  operator('INLINE', 's', { inputParameters });

/** A switch by script, over cases that look like values. */
const choose = (more: JsonObject = {}): JsonObject =>
  operator('SWITCH', 's', {
    evaluatorType: 'javascript',
    expression: '$.n',
    inputParameters: { n: 1 },
    decisionCases: { 1: [simple('one')], true: [simple('yes')], null: [simple('none')] },
    defaultCase: [simple('other')],
    ...more,
  });

/** Answers each script by its text, and keeps what was asked. */
function scripted(answers: Readonly<Record<string, EvaluationResult>>) {
  const asked: Evaluation[] = [];
  const evaluate = (evaluation: Evaluation): EvaluationResult => {
    asked.push(evaluation);
    return answers[evaluation.script] ?? { ok: false, reason: `unknown: ${evaluation.script}` };
  };
  return { asked, evaluate };
}

describe('a task that is a script', () => {
  it('is asked for with its parameters, and its result is its output', () => {
    const { asked, evaluate } = scripted({ '$.n + 1': { ok: true, value: 4 } });
    const parameters = { n: '${workflow.input.n}', expression: '$.n + 1' };
    const flow = startFlow([inline(parameters), simple('end')], { input: { n: 3 }, evaluate });
    expect(asked).toEqual([
      {
        id: 's',
        language: 'javascript',
        script: '$.n + 1',
        input: { n: 3, expression: '$.n + 1' },
      },
    ]);
    expect(flow.data('o:s')).toEqual({ result: 4 });
    expect(flow.statuses).toEqual({ s: 'COMPLETED', end: 'SCHEDULED' });
  });

  it('is not run again by later decisions', () => {
    const { asked, evaluate } = scripted({ x: { ok: true, value: 1 } });
    const flow = startFlow([inline({ expression: 'x' }), simple('end')], { evaluate });
    flow.reconcile();
    flow.finish('end');
    expect(flow.status).toBe('COMPLETED');
    expect(asked).toHaveLength(1);
  });

  it('in the middle of a run is asked for by the decision that reaches it', () => {
    const { asked, evaluate } = scripted({ x: { ok: true, value: [1] } });
    const flow = startFlow([simple('a'), inline({ expression: 'x', v: '${a.output.v}' })], {
      evaluate,
    });
    expect(asked).toEqual([]);
    flow.finish('a', { v: 7 });
    expect(asked).toMatchObject([{ input: { v: 7 } }]);
    expect(flow.data('run:output')).toEqual({ result: [1] });
  });

  it('that fails ends its run with the reason', () => {
    const { evaluate } = scripted({ x: { ok: false, reason: 'Error: no luck' } });
    const flow = startFlow([inline({ expression: 'x' })], { evaluate });
    expect(flow.statuses).toEqual({ s: 'FAILED_WITH_TERMINAL_ERROR' });
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain('no luck');
    expect(flow.data('o:s')).toEqual({ error: 'Error: no luck' });
  });

  it('by value-param is one of its parameters', () => {
    const flow = startFlow([
      inline({ evaluatorType: 'value-param', expression: 'v', v: { a: 1 } }),
    ]);
    expect(flow.data('o:s')).toEqual({ result: { a: 1 } });
  });

  it.each([
    [{ expression: '${workflow.input.none}' }, 'expression is no text'],
    [{ expression: 'x', evaluatorType: '${workflow.input.python}' }, '"python"'],
  ])('with %j fails', (parameters, reason) => {
    const flow = startFlow([inline(parameters)], { input: { python: 'python' } });
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain(reason);
  });

  it('of type LAMBDA is the body of a function', () => {
    const script = '(function () { return $.n; // end\n})();';
    const { evaluate } = scripted({ [script]: { ok: true, value: 3 } });
    const scriptExpression = 'return $.n; // end';
    const flow = startFlow([operator('LAMBDA', 's', { inputParameters: { scriptExpression } })], {
      evaluate,
    });
    expect(flow.data('o:s')).toEqual({ result: 3 });
  });

  it.each<[readonly number[], JsonObject]>([
    [[5, 6], { result: 5, resultList: [5, 6] }],
    [[], { result: null, resultList: [] }],
  ])('of type JSON_JQ_TRANSFORM that yields %j has the output %j', (value, output) => {
    const { asked, evaluate } = scripted({ '.a[]': { ok: true, value } });
    const inputParameters = { queryExpression: '.a[]', a: [...value] };
    const flow = startFlow([operator('JSON_JQ_TRANSFORM', 's', { inputParameters })], { evaluate });
    expect(asked).toMatchObject([{ language: 'jq', input: inputParameters }]);
    expect(flow.data('o:s')).toEqual(output);
  });
});

describe('a SWITCH by script', () => {
  it.each<[EvaluationResult, string]>([
    [{ ok: true, value: 1 }, 'one'],
    [{ ok: true, value: '1' }, 'one'],
    [{ ok: true, value: true }, 'yes'],
    [{ ok: true, value: null }, 'none'],
    [{ ok: true, value: 'constructor' }, 'other'],
  ])('that comes to %j takes %s', (result, ref) => {
    const flow = startFlow([choose({ evaluatorType: 'graaljs' })], { evaluate: () => result });
    expect(flow.waiting).toEqual([ref]);
  });

  it('that fails ends its run', () => {
    const flow = startFlow([choose()], { evaluate: () => ({ ok: false, reason: 'no luck' }) });
    expect(flow.statuses).toEqual({ s: 'FAILED' });
    expect(flow.status).toBe('FAILED');
  });
});
