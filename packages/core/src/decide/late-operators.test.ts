import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '@joinery/core';
import { operator, simple, startFlow, type Flow } from '../../test/flow.ts';

describe.each(['HUMAN', 'YIELD'])('%s', (type) => {
  const asked = operator(type, 'h', { inputParameters: { form: '${workflow.input.form}' } });

  it('waits until somebody outside completes it', () => {
    const flow = startFlow([asked, simple('a', { inputParameters: { got: '${h.output.yes}' } })], {
      input: { form: 'F1' },
    });
    expect(flow.pass(1e9).row('h')?.status).toBe('IN_PROGRESS');
    expect(flow.data('i:h')).toEqual({ form: 'F1' });
    expect(flow.reconcile()).toEqual([]);
    expect(flow.finish('h', { yes: true }).data('i:a')).toEqual({ got: true });
  });

  it('may be failed from outside', () => {
    expect(startFlow([asked]).fail('h', 'refused').reason).toContain('refused');
  });
});

const dynamic = (name: Json, more: JsonObject = {}): Flow =>
  startFlow(
    [
      operator('DYNAMIC', 'd', {
        dynamicTaskNameParam: 'which',
        inputParameters: { which: '${workflow.input.name}', n: 1 },
        ...more,
      }),
      simple('end'),
    ],
    { input: { name } },
  );

describe('DYNAMIC', () => {
  it('is run by the worker that its input names', () => {
    const flow = dynamic('print');
    expect(flow.row('d')).toMatchObject({ name: 'print', type: 'print', status: 'SCHEDULED' });
    expect([...flow.model.letters.values()]).toMatchObject([
      { type: 'dispatch', taskType: 'print' },
    ]);
    expect(flow.data('i:d')).toEqual({ which: 'print', n: 1 });
    expect(flow.reconcile()).toEqual([]);
    expect(flow.finish('d').keys).toEqual(['end']);
  });

  it('is retried and timed out by its own definition', () => {
    const taskDefinition = { name: 'd', retryDelaySeconds: 1, responseTimeoutSeconds: 5 };
    const flow = dynamic('print', { retryCount: 1, taskDefinition });
    expect(flow.claim('d').pass(5_000).row('d')).toMatchObject({ attempt: 2, name: 'print' });
    expect(flow.pass(1_000).fail('d').status).toBe('FAILED');
  });

  it.each<[Json, RegExp]>([
    [null, /'which' must be the name of a task/],
    ['', /'which' must be the name/],
    [7, /'which' must be the name/],
    ['SUB_WORKFLOW', /'SUB_WORKFLOW' is no worker's task/],
  ])('named %j fails with the reason', (name, reason) => {
    expect(dynamic(name).reason).toMatch(reason);
  });
});

describe('DECISION', () => {
  it.each<[Json, readonly string[]]>([
    ['k', ['a', 'end']],
    ['empty', ['d', 'end']],
    ['other', ['d', 'end']],
    [null, ['d', 'end']],
    ['constructor', ['d', 'end']],
  ])('takes for the value %j the tasks %j', (value, refs) => {
    const flow = startFlow([
      operator('DECISION', 's', {
        caseValueParam: 'value',
        inputParameters: { value },
        decisionCases: { k: [simple('a')], empty: [] },
        defaultCase: [simple('d')],
      }),
      simple('end'),
    ]);
    expect(flow.data('o:s')).toEqual({ caseOutput: [value ?? 'null'] });
    const met: string[] = [];
    for (let [ref] = flow.waiting; ref !== undefined; [ref] = flow.waiting) {
      met.push(ref);
      flow.finish(ref);
      expect(flow.status === 'COMPLETED' || flow.reconcile().length === 0).toBe(true);
    }
    expect(met).toEqual(refs);
    expect(flow.status).toBe('COMPLETED');
  });
});
