import { describe, expect, it } from 'vitest';
import { parseSimOptions } from './sim-options.ts';

describe('the options of a simulation', () => {
  it('ask for as many seeds as fit, one with its trace, or a number of them', () => {
    expect(parseSimOptions([])).toMatchObject({ seed: 0, seeds: null, isTraced: false });
    expect(parseSimOptions(['--seed', '7'])).toMatchObject({ seed: 7, seeds: 1, isTraced: true });
    expect(parseSimOptions(['--seed', '7', '--runs', '3'])).toMatchObject({
      seed: 7,
      seeds: 3,
      isTraced: false,
    });
    const many = parseSimOptions(['--seed', '7', '--joins', '3']);
    expect(many).toMatchObject({ seed: 7, seeds: null, joins: 3, isTraced: false });
  });

  it('are refused when they are unknown or out of range', () => {
    expect(() => parseSimOptions(['--sed', '7'])).toThrow(/sed/);
    expect(() => parseSimOptions(['--runs', '0'])).toThrow(/runs/);
    expect(() => parseSimOptions(['--family', 'huge'])).toThrow(/family/);
  });

  it('may be a question', () => {
    expect(parseSimOptions(['--help'])).toBeNull();
  });
});
