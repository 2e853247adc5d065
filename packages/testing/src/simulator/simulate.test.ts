import { describe, expect, it } from 'vitest';
import { FAMILIES } from './definition-pool.ts';
import { FAULT_KINDS } from './fault.ts';
import { drawScenario, LOCK_MODES, type ScenarioOptions } from './scenario.ts';
import { simulate } from './simulate.ts';
import { renderTrace } from './trace.ts';

interface Played {
  readonly runs: number;
  /** Runs that runs have started. */
  readonly ownRuns: number;
  readonly reopenings: number;
  readonly faultsEffective: number;
  readonly broken: readonly string[];
}

/** Plays these seeds; every broken rule comes with the seed that breaks it. */
async function play(from: number, to: number, options: ScenarioOptions = {}): Promise<Played> {
  const broken: string[] = [];
  let runs = 0;
  let ownRuns = 0;
  let reopenings = 0;
  let faultsEffective = 0;
  for (let seed = from; seed < to; seed += 1) {
    const simulated = await simulate(drawScenario(seed, options));
    const [first] = simulated.violations;
    if (first !== undefined) broken.push(`seed ${seed}: ${first.rule} ${first.what}`);
    runs += simulated.runs;
    ownRuns += simulated.ownRuns;
    reopenings += simulated.reopenings;
    faultsEffective += simulated.faultsEffective;
  }
  return { runs, ownRuns, reopenings, faultsEffective, broken };
}

describe('a simulation', () => {
  it('goes the same way each time, step by step', async () => {
    for (const seed of [3, 11, 29]) {
      const scenario = drawScenario(seed);
      const first = await simulate(scenario, { isTraced: true });
      const again = await simulate(drawScenario(seed), { isTraced: true });
      expect(first.steps).toBeGreaterThan(20);
      expect(renderTrace(again.trace)).toBe(renderTrace(first.trace));
    }
  });

  it('goes another way under another seed', async () => {
    const options = { family: 'small' } as const;
    const scenario = drawScenario(4, options);
    const first = await simulate(scenario, { isTraced: true });
    const other = await simulate({ ...scenario, orderSeed: 5 }, { isTraced: true });
    expect(renderTrace(other.trace)).not.toBe(renderTrace(first.trace));
  });

  it('holds every rule when nothing goes wrong, and repairs nothing', async () => {
    const played = await play(0, 60, { faults: 0 });
    expect(played.broken).toEqual([]);
    expect(played.faultsEffective).toBe(0);
  });

  it('holds every rule whatever goes wrong, on small runs', async () => {
    const played = await play(1_000, 1_200, { family: 'small' });
    expect(played.broken).toEqual([]);
    expect(played.runs).toBeGreaterThan(300);
    expect(played.faultsEffective).toBeGreaterThan(300);
  });

  it('holds every rule whatever goes wrong, on any definition', async () => {
    const plain = await play(2_000, 2_050, { family: 'plain' });
    const timed = await play(3_000, 3_040, { family: 'timed' });
    expect([...plain.broken, ...timed.broken]).toEqual([]);
  });

  it('holds every rule whatever goes wrong, with loops, children and scripts', async () => {
    const rich = await play(4_000, 4_060, { family: 'rich' });
    expect(rich.broken).toEqual([]);
    expect(rich.ownRuns).toBeGreaterThan(40);
    expect(rich.faultsEffective).toBeGreaterThan(60);
  });

  it('holds every rule whatever goes wrong, with runs that are opened again, and tasks that are skipped', async () => {
    const operated = await play(5_000, 5_050, { family: 'operated' });
    expect(operated.broken).toEqual([]);
    expect(operated.reopenings).toBeGreaterThan(30);
    expect(operated.faultsEffective).toBeGreaterThan(50);
  });

  it('holds every rule whatever goes wrong, with tasks that are limited over all runs', async () => {
    const limited = await play(6_000, 6_060, { family: 'limited' });
    expect(limited.broken).toEqual([]);
    expect(limited.runs).toBeGreaterThan(120);
    expect(limited.faultsEffective).toBeGreaterThan(60);
  });
});

describe('the scenarios of some seeds', () => {
  it('have every fault, every lock, and every kind of definition among them', () => {
    const scenarios = Array.from({ length: 300 }, (_, seed) => drawScenario(seed));
    const kinds = new Set(scenarios.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
    expect([...kinds].toSorted()).toEqual([...FAULT_KINDS].toSorted());
    expect(new Set(scenarios.map(({ lock }) => lock))).toEqual(new Set(LOCK_MODES));
    expect(new Set(scenarios.map(({ family }) => family)).size).toBe(FAMILIES.length);
  });
});
