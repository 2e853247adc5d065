import { describe, expect, it } from 'vitest';
import { drawScenario, type Illness } from './scenario.ts';
import { simulate } from './simulate.ts';

/** How runs end when something is wrong for good. */
async function endsUnder(illness: Illness): Promise<ReadonlySet<string>> {
  const ends = new Set<string>();
  for (let seed = 0; seed < 4; seed += 1) {
    const drawn = drawScenario(seed, { family: 'small', faults: 1 });
    const scenario = { ...drawn, illness, operations: [], isPurged: false };
    const { violations, ends: statuses } = await simulate(scenario);
    expect(violations).toEqual([]);
    for (const status of statuses) ends.add(status);
  }
  return ends;
}

describe('what no repetition helps against', () => {
  it('a task that ends each of its workers fails its run', async () => {
    expect(await endsUnder('deadly-task')).toEqual(new Set(['FAILED']));
  });

  it('a decider that throws fails its runs where it has to decide', async () => {
    expect(await endsUnder('broken-decider')).toContain('FAILED');
  });

  it('an evaluation that ends its process each time fails its run', async () => {
    expect(await endsUnder('deadly-evaluation')).toContain('FAILED');
  });

  it('a run whose evaluations end their processes fails alone, whoever was decided beside it', async () => {
    for (let seed = 0; seed < 4; seed += 1) {
      const drawn = drawScenario(seed, { family: 'small', faults: 0 });
      const crowd = { illness: 'deadly-run', runs: 12, failures: 0, isPurged: false } as const;
      // An innocent that ends otherwise than the model says is a violation.
      const { violations, ends } = await simulate({ ...drawn, ...crowd, operations: [] });
      expect(violations).toEqual([]);
      expect(ends).toEqual(new Set(['COMPLETED', 'FAILED']));
    }
  });
});
