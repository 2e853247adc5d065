import { describe, expect, it } from 'vitest';
import { drawScenario } from '../simulator/scenario.ts';
import { simulate } from '../simulator/simulate.ts';
import { SEEDED_BUGS } from './seeded-bugs.ts';

/** Seeds within which each bug must be found; without a bug, all of them hold. */
const SEEDS = 400;

describe('the simulator', () => {
  it.each(SEEDED_BUGS.map((bug) => [bug.name, bug] as const))('finds %s', async (_name, bug) => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const { violations } = await simulate(drawScenario(seed, bug.drawn), { bug });
      if (violations.length > 0) return;
    }
    expect.fail(`nobody noticed that ${bug.what}`);
  });

  it('is given bugs of different names', () => {
    expect(new Set(SEEDED_BUGS.map(({ name }) => name)).size).toBe(SEEDED_BUGS.length);
  });
});
