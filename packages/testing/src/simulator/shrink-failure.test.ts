import { describe, expect, it } from 'vitest';
import { bugNamed } from '../seeded-bugs/seeded-bugs.ts';
import { drawScenario } from './scenario.ts';
import { shrinkFailure } from './shrink-failure.ts';
import { simulate } from './simulate.ts';
import { renderTrace } from './trace.ts';

describe('a failing scenario', () => {
  it('is made smaller, and fails in the same way', async () => {
    const bug = bugNamed('lost-job-not-checked');
    const options = { family: 'small', faults: 12 } as const;
    let seed = 0;
    let scenario = drawScenario(seed, options);
    for (; seed < 300; seed += 1) {
      scenario = drawScenario(seed, options);
      const { violations } = await simulate(scenario, { bug });
      if (violations[0]?.rule === 'H22') break;
    }
    const failure = await shrinkFailure(scenario, { rule: 'H22', bug });
    expect(failure.simulated.violations[0]?.rule).toBe('H22');
    // One lost job is enough, of one task.
    expect(failure.scenario.faults).toHaveLength(1);
    expect(failure.scenario.definition.shapes).toHaveLength(1);
    expect(failure.scenario.runs).toBe(1);
    expect(failure.tries).toBeLessThan(400);
    expect(renderTrace(failure.simulated.trace)).toContain(
      `*** ${failure.scenario.faults[0]?.kind}`,
    );
  });
});
