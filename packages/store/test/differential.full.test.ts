import { expect, test } from 'vitest';
import { runDifferential } from './run-differential.ts';

const withinMs = 300_000;

test('Redis and memory agree over many long histories', { timeout: 2 * withinMs }, async () => {
  const tally = await runDifferential({ histories: 1_000, steps: 60, withinMs });
  expect(tally.get('commit:committed')).toBeGreaterThan(500);
});
