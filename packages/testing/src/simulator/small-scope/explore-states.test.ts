import { describe, expect, it } from 'vitest';
import { measured } from '../../measured.ts';
import { bugNamed } from '../../seeded-bugs/seeded-bugs.ts';
import { exploreStates } from './explore-states.ts';
import { type JoinScope } from './join-scope.ts';

const small: JoinScope = { branches: 2, coordinators: 2, crashes: 0, nudges: 2, lock: 'fused' };

describe('every state of a join', () => {
  it('of three branches, two coordinators and one death is right, and leads to the end', async () => {
    const scope: JoinScope = { ...small, branches: 3, crashes: 1 };
    const explored = await exploreStates(scope);
    measured('states of a join', { ...scope, ...explored });
    expect(explored.violations).toEqual([]);
    // Fewer would mean that calls do not wait for their turn any more.
    expect(explored.states).toBeGreaterThan(2_000);
    expect(explored.quiet).toBeGreaterThan(300);
  }, 120_000);

  it('is visited once, in the same number each time', async () => {
    const scope: JoinScope = { ...small, coordinators: 1 };
    const first = await exploreStates(scope);
    expect(await exploreStates(scope)).toEqual(first);
    const withDeaths = await exploreStates({ ...scope, crashes: 1 });
    expect(withDeaths.states).toBeGreaterThan(2 * first.states);
  });

  it('shows a wake-up that is lost when one process dies at one place', async () => {
    const bug = bugNamed('dirty-run-not-nudged');
    const safe = await exploreStates({ ...small, coordinators: 1, nudges: 0, bug });
    expect(safe.violations).toEqual([]);
    const { violations, way } = await exploreStates({
      ...small,
      coordinators: 1,
      nudges: 0,
      crashes: 1,
      bug,
    });
    expect(violations[0]).toMatchObject({ rule: 'H22' });
    expect(way.filter(({ isCrash }) => isCrash)).toHaveLength(1);
  });

  it('shows what happens without guards when the lock lies', async () => {
    const bug = bugNamed('commit-without-guard');
    const explored = await exploreStates({ ...small, lock: 'lying', bug });
    expect(explored.violations).not.toEqual([]);
  });
});
