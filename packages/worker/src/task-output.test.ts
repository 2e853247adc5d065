import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toOutput } from './task-output.ts';

const output = (value: unknown): unknown => toOutput('output of t', value);

const nest = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return { value };
};

describe('an output', () => {
  it('of nothing is an empty object', () => {
    expect([output(undefined), output(null)]).toEqual([{}, {}]);
  });

  it('that is no object is found under result', () => {
    expect([output(3), output([1]), output('')]).toEqual([
      { result: 3 },
      { result: [1] },
      { result: '' },
    ]);
  });

  it('keeps every JSON object as it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(output(value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is a copy with dates as text and without undefined properties', () => {
    const value = { at: new Date(0), gone: undefined, list: [1] };
    expect(output(value)).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [1] });
    expect(output(value)).not.toBe(value);
  });

  it.each([
    ['a', Number.NaN, 'the number NaN at a'],
    ['a', Number.POSITIVE_INFINITY, 'the number Infinity at a'],
    ['a', 1n, 'a bigint at a'],
    ['a', new Map([[1, 2]]), 'a Map at a'],
    ['a', Promise.resolve(1), 'a Promise at a'],
    ['a', () => 1, 'a function at a'],
    ['a', Symbol('s'), 'a symbol at a'],
  ])('with something that JSON would lose is refused with its place: %s %o', (name, part, said) => {
    expect(() => output({ [name]: part })).toThrow(said);
    expect(() => output({ [name]: part })).toThrow(
      expect.objectContaining({ code: 'JN_PAYLOAD_NOT_JSON' }),
    );
  });

  it('with a cycle is refused', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(() => output(value)).toThrow('output of t is not JSON: it has a cycle');
  });

  it('nested beyond 100 levels, or beyond the stack, is refused and not half stored', () => {
    expect(() => output(nest(99))).not.toThrow();
    expect(() => output(nest(100))).toThrow(
      expect.objectContaining({ code: 'JN_PAYLOAD_TOO_DEEP' }),
    );
    expect(() => output(nest(200_000))).toThrow(/JN|nested|not JSON/u);
  });

  it('does not let a key named __proto__ change what the object is', () => {
    const value = toOutput('output of t', JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value['polluted']).toBeUndefined();
  });
});
