import { describe, expect, it } from 'vitest';
import type { JsonObject, TaskLimits } from '@joinery/core';
import { operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

function limitsOf(flow: Flow): TaskLimits | undefined {
  const [letter] = [...flow.model.letters.values()];
  const limits = letter?.type === 'dispatch' ? letter.limits : undefined;
  expect(flow.row('a')?.limits).toEqual(limits);
  return limits;
}

const limited = (taskDef: JsonObject, task: JsonObject = {}, input: JsonObject = {}): Flow =>
  startFlow([simple('a', task)], { taskDefs: [{ name: 'a', ...taskDef }], input });

describe('the limits of a task', () => {
  it('are those of its definition, in its row and in the letter that asks for it', () => {
    const rate = { rateLimitPerFrequency: 10, rateLimitFrequencyInSeconds: 5 };
    expect(limitsOf(limited({ concurrentExecLimit: 3, ...rate }))).toEqual({
      gate: 'a',
      max: 3,
      rate: 10,
      perMs: 5_000,
      key: '',
      keyMax: 0,
    });
    expect(limitsOf(limited({ rateLimitPerFrequency: 1 }))).toMatchObject({
      rate: 1,
      perMs: 1_000,
    });
    expect(limitsOf(limited({}))).toBeUndefined();
    expect(limitsOf(limited({ concurrentExecLimit: 0 }))).toBeUndefined();
  });

  it.each<[JsonObject, string | undefined]>([
    [{ customer: 'é 7' }, 'é 7'],
    [{ customer: 7 }, '7'],
    [{ customer: { id: 1 } }, '{"id":1}'],
    [{}, undefined],
  ])('go by its concurrency key: %o', (input, key) => {
    const task = { concurrencyKey: '${workflow.input.customer}', concurrencyLimit: 2 };
    const limits = limitsOf(limited({}, task, input));
    expect(limits?.key).toBe(key);
    expect(limits?.keyMax).toBe(key === undefined ? undefined : 2);
  });

  it('have the circuit breaker of the definition, whose target a task may name', () => {
    const circuitBreaker = { target: 'bank', minCalls: 5, whenOpen: 'FAIL' };
    const circuit = {
      target: 'bank',
      failurePercent: 50,
      minCalls: 5,
      windowMs: 60_000,
      openMs: 30_000,
      probes: 1,
      whenOpen: 'FAIL',
    };
    const none = { gate: 'a', max: 0, rate: 0, perMs: 0, key: '', keyMax: 0 };
    expect(limitsOf(limited({ circuitBreaker }))).toEqual({ ...none, circuit });
    expect(limitsOf(limited({ circuitBreaker, concurrentExecLimit: 2 }))).toEqual({
      ...none,
      max: 2,
      circuit,
    });
    expect(limitsOf(limited({ circuitBreaker: {} }))?.circuit?.target).toBe('a');
    const named = { circuitTarget: 'at ${workflow.input.host}' };
    const own = limitsOf(limited({ circuitBreaker }, named, { host: 'x' }));
    expect(own?.circuit?.target).toBe('at x');
    const absent = { circuitTarget: '${workflow.input.host}' };
    expect(limitsOf(limited({ circuitBreaker }, absent))?.circuit?.target).toBe('bank');
    // Without a breaker a target means nothing.
    expect(limitsOf(limited({}, named))).toBeUndefined();
  });

  it('hold for each attempt anew', () => {
    const flow = startFlow([simple('a', { retryCount: 1, concurrencyKey: 'k' })], {
      taskDefs: [{ name: 'a', retryDelaySeconds: 0 }],
    });
    expect(limitsOf(flow.fail('a'))).toMatchObject({ gate: 'a', key: 'k', keyMax: 1 });
  });

  it('are refused where no worker is', () => {
    const wait = operator('WAIT', 'w', {
      concurrencyKey: 'k',
      inputParameters: { duration: '1s' },
    });
    expect(() => startFlow([wait])).toThrow('concurrencyKey');
    const called = operator('WAIT', 'w', {
      circuitTarget: 'x',
      inputParameters: { duration: '1s' },
    });
    expect(() => startFlow([called])).toThrow('circuitTarget');
  });
});
