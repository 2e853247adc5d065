import { describe, expect, it } from 'vitest';
import { bugNamed } from '../seeded-bugs/seeded-bugs.ts';
import { playSeeds, type PlaySeedsOptions } from './play-seeds.ts';

const options: PlaySeedsOptions = {
  seed: 40,
  seeds: 6,
  seconds: 1,
  drawn: { family: 'small' },
  bug: null,
  progress: () => undefined,
};

describe('playing seeds', () => {
  it('plays as many as it is asked for, and counts what they did', async () => {
    const played = await playSeeds(options);
    expect(played).toMatchObject({ seeds: 6, failure: null });
    expect(played.runs).toBeGreaterThanOrEqual(6);
    expect(played.steps).toBeGreaterThan(20 * played.runs);
  });

  it('stops at the first seed that breaks a rule, and says which', async () => {
    const bug = bugNamed('event-not-recorded');
    const { seeds, failure } = await playSeeds({ ...options, seeds: 50, bug });
    expect(failure?.seed).toBe(40 + seeds - 1);
    expect(failure?.violation.rule).toBe('H4');
    expect(seeds).toBeLessThan(50);
  });

  it('plays on until as many joins have fired as it is asked for', async () => {
    const played = await playSeeds({ ...options, seeds: null, joins: 12 });
    expect(played.failure).toBeNull();
    expect(played.joins).toBeGreaterThanOrEqual(12);
    expect(played.joins).toBeLessThan(30);
  });

  it('goes on for the time that it is given', async () => {
    const played = await playSeeds({ ...options, seeds: null, seconds: 0.05 });
    expect(played.seeds).toBeGreaterThan(0);
    expect(played.seconds).toBeGreaterThanOrEqual(0.05);
  });
});
