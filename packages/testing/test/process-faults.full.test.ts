import { expect, test } from 'vitest';
import { measured } from '../src/measured.ts';
import { runSpree } from './process-faults.fixture.ts';

test('300 nested fork-joins complete as computed while 60 processes are killed, one every 500 ms', async () => {
  const kills = {
    'in a handler': 18,
    'in the critical section': 16,
    'between commit and relay': 14,
    anywhere: 12,
  };
  const { verdict, ...figures } = await runSpree({
    runCount: 300,
    kills,
    everyMs: 500,
    endWithinMs: 120_000,
  });
  measured('60 kills', { ...figures });
  const { killed } = figures;
  const count = Object.values(killed).reduce((sum, each) => sum + each, 0);
  // A spree that hit too little is no proof of anything.
  expect(count).toBeGreaterThanOrEqual(57);
  expect(Math.min(...Object.values(killed))).toBeGreaterThanOrEqual(10);
  expect(verdict).toMatchObject({ verdict: 'valid', breaches: [], runCount: 300 });
});
