import { describe, expect, it } from 'vitest';
import { lateMargin } from './bootstrap.ts';
import { type Flight, readFlights } from './flight.ts';

const few = readFlights().slice(0, 400);
const delayed = (delay: number): readonly Flight[] => few.map((flight) => ({ ...flight, delay }));

describe('the margin of a share', () => {
  it('is the same for the same seed, and another for another one or for other flights', async () => {
    const margin = await lateMargin(few, { resamples: 300, seed: 'a' });
    expect(await lateMargin(few, { resamples: 300, seed: 'a' })).toBe(margin);
    expect(await lateMargin(few.slice(0, 100), { resamples: 300, seed: 'a' })).toBeGreaterThan(
      margin,
    );
  });

  it('agrees with the formula for a binomial share', async () => {
    const share = few.filter(({ delay }) => delay >= 15).length / few.length;
    const expected = 196 * Math.sqrt((share * (1 - share)) / few.length);
    const margin = await lateMargin(few, { resamples: 4_000, seed: 'b' });
    expect(Math.abs(margin - expected)).toBeLessThan(0.4);
  });

  it('is nothing where all flights are alike, and where there are none', async () => {
    for (const flights of [delayed(60), delayed(0), []]) {
      expect(await lateMargin(flights, { resamples: 50, seed: 'c' })).toBe(0);
    }
  });

  it('is given up when its signal fires, which is heard in the middle of the work', async () => {
    const ending = new AbortController();
    const margin = lateMargin(few, { resamples: 10_000_000, seed: 'd', signal: ending.signal });
    ending.abort(new Error('claim lost'));
    await expect(margin).rejects.toThrow('claim lost');
  });
});
