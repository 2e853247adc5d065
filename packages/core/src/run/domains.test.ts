import { describe, expect, it } from 'vitest';
import { operator, simple, startFlow, type Flow } from '../../test/flow.ts';
import { domainsOf, typeInDomain } from './domains.ts';

const queuesOf = ({ model }: Flow): readonly string[] =>
  [...model.letters.values()].flatMap((each) => (each.type === 'dispatch' ? each.taskType : []));

describe('domains', () => {
  it('are the last that is listed; NO_DOMAIN is none', () => {
    const written = { a: 'x, y', b: 'x,NO_DOMAIN', c: '', '*': 'z' };
    expect(domainsOf(written)).toEqual({ a: 'y', b: '', c: '', '*': 'z' });
    expect(domainsOf(domainsOf(written))).toEqual(domainsOf(written));
  });

  it('are looked up by type, then by *, among own names alone', () => {
    const domains = domainsOf({ a: 'x', b: 'NO_DOMAIN', '*': 'z' });
    const types = ['a', 'b', 'c', 'toString', 'HTTP'].map((type) => typeInDomain(domains, type));
    expect(types).toEqual(['x:a', 'b', 'z:c', 'z:toString', 'HTTP']);
    expect(typeInDomain({}, 'constructor')).toBe('constructor');
  });

  it('say the queue of every attempt of a worker’s task', () => {
    const retried = { retryCount: 1, taskDefinition: { name: 'a', retryDelaySeconds: 0 } };
    const flow = startFlow([simple('a', retried)], { domains: { a: 'eu' } });
    expect(queuesOf(flow)).toEqual(['eu:a']);
    flow.fail('a');
    expect(queuesOf(flow)).toEqual(['eu:a']);
    expect(flow.row('a')).toMatchObject({ attempt: 2, name: 'a', queue: 'eu:a' });
  });

  it('go by the type that a task is given at run time, and by that of another type of worker', () => {
    const late = operator('DYNAMIC', 'd', {
      dynamicTaskNameParam: 'worker',
      inputParameters: { worker: 'b' },
    });
    const flow = startFlow([late], { domains: { b: 'eu' } });
    expect(queuesOf(flow)).toEqual(['eu:b']);
    const other = startFlow([operator('LLM', 'x', { name: 'x' })], { domains: { LLM: 'eu' } });
    expect(queuesOf(other)).toEqual(['eu:LLM']);
  });

  it('are no matter of operators', () => {
    const flow = startFlow([operator('WAIT', 'w')], { domains: { '*': 'eu' } });
    expect(flow.row('w')?.queue).toBeUndefined();
  });
});
