import { describe, expect, it } from 'vitest';
import { measured } from '../src/measured.ts';
import { playSeeds } from '../src/simulator/play-seeds.ts';
import { exploreStates } from '../src/simulator/small-scope/explore-states.ts';
import { LOCK_MODES } from '../src/simulator/scenario.ts';

describe('many simulations', () => {
  it('hold every rule, whatever goes wrong', async () => {
    const options = { seed: 100_000, seeds: 2_000, seconds: 0, drawn: {}, bug: null };
    const { failure, ...counts } = await playSeeds({ ...options, progress: () => undefined });
    measured('simulations', { ...counts });
    expect(failure).toBeNull();
    expect(counts.runs).toBeGreaterThan(2_500);
    expect(counts.faultsEffective).toBeGreaterThan(3_000);
  });
});

describe('every state of a join of two branches with one death', () => {
  it.each(LOCK_MODES.filter((lock) => lock !== 'lying'))(
    'is right under the lock %s',
    async (lock) => {
      const scope = { branches: 2, coordinators: 2, crashes: 1, nudges: 2, lock } as const;
      const explored = await exploreStates(scope);
      measured('states of a join', { ...scope, ...explored });
      expect(explored.violations).toEqual([]);
      expect(explored.states).toBeGreaterThan(200);
    },
  );

  it('is right under a lock that grants everybody, without a death', async () => {
    const scope = { branches: 2, coordinators: 2, crashes: 0, nudges: 2, lock: 'lying' } as const;
    const explored = await exploreStates(scope);
    measured('states of a join', { ...scope, ...explored });
    expect(explored.violations).toEqual([]);
    expect(explored.states).toBeGreaterThan(500);
  });
});
