import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestWord } from './edit-distance.ts';

describe('edit distance', () => {
  it('counts letters put in, taken out and changed', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('lease', 'lease')).toBe(0);
  });

  it('is a distance: symmetric, and no longer than a detour', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });

  it('finds the word that was meant', () => {
    expect(nearestWord('LOCK_LEESE', ['LOCK_DRIVER', 'LOCK_LEASE', 'HTTP_HOST'])).toBe(
      'LOCK_LEASE',
    );
    expect(nearestWord('x', [])).toBeUndefined();
  });
});
