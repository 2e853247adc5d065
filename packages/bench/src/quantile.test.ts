import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile, spreadOf } from './quantile.ts';

describe('quantile', () => {
  it('finds for every part a sample that this part does not exceed', () => {
    const samples = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, part) => {
        const found = quantile(values, part);
        expect(values).toContain(found);
        const below = values.filter((value) => value <= found).length;
        expect(below).toBeGreaterThanOrEqual(Math.ceil(part * values.length));
      }),
    );
    expect(quantile([5, 1, 4, 2, 3], 0.99)).toBe(5);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('spreadOf', () => {
  it('has the median, which no outlier moves, and says how far the samples were apart', () => {
    expect(spreadOf([100, 1, 120, 110, 9_000])).toEqual({ median: 110, min: 1, max: 9_000 });
  });

  it('takes the middle between the two middle ones', () => {
    expect(spreadOf([4, 1, 3, 2]).median).toBe(2.5);
  });
});
