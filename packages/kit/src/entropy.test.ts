import { describe, expect, it } from 'vitest';
import { createSeededEntropy, systemEntropy } from './entropy.ts';

describe('entropy', () => {
  it('gives ids of 26 letters and digits, which carry 130 bits', () => {
    expect(systemEntropy.randomId()).toMatch(/^[a-z2-7]{26}$/);
  });

  it('never gives the same id twice in 100,000, across many blocks', () => {
    const ids = new Set(Array.from({ length: 100_000 }, () => systemEntropy.randomId()));
    expect(ids.size).toBe(100_000);
  });

  it('uses every letter about equally often', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 5_000; index += 1) {
      for (const letter of systemEntropy.randomId())
        counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const expected = (5_000 * 26) / 32;
    expect(counts.size).toBe(32);
    for (const count of counts.values())
      expect(Math.abs(count - expected)).toBeLessThan(expected * 0.15);
  });

  it('gives seeds over the whole range of 32 bits', () => {
    const seeds = Array.from({ length: 1_000 }, () => systemEntropy.seed());
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
    expect(seeds.some((seed) => seed >= 2 ** 31)).toBe(true);
    expect(seeds.some((seed) => seed < 2 ** 31)).toBe(true);
  });

  it('repeats itself for the same seed and differs for another', () => {
    const first = createSeededEntropy(7);
    const again = createSeededEntropy(7);
    expect([first.randomId(), first.seed()]).toEqual([again.randomId(), again.seed()]);
    expect(createSeededEntropy(8).randomId()).not.toBe(createSeededEntropy(7).randomId());
  });
});
