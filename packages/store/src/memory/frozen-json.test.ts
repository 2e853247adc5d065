import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frozenJson } from './frozen-json.ts';

/** Values that JSON changes or leaves out among those that it keeps. */
const odd = fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: true });

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

describe('frozen JSON', () => {
  it('is what comes back from text, and cannot be changed', () => {
    fc.assert(
      fc.property(odd, (value) => {
        const copy: unknown = frozenJson({ value });
        const read: unknown = JSON.parse(JSON.stringify({ value }));
        expect(JSON.stringify(copy)).toBe(JSON.stringify(read));
        expect(copy).toEqual(read);
        expect(isDeeplyFrozen(copy)).toBe(true);
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it('keeps a member that is named like a prototype as a member', () => {
    const copy: object = frozenJson(JSON.parse('{"__proto__":{"a":1}}'));
    expect(Object.keys(copy)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it('shares what it has made, and nothing that others can change', () => {
    const mine = { list: [1] };
    const copy = frozenJson(mine);
    expect(copy).not.toBe(mine);
    expect(frozenJson(copy)).toBe(copy);
    expect(frozenJson({ copy }).copy).toBe(copy);
    const theirs = Object.freeze({ list: [1] });
    expect(frozenJson(theirs)).not.toBe(theirs);
  });
});
