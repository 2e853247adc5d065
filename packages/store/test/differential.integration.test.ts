import { expect, test } from 'vitest';
import { runDifferential } from './run-differential.ts';

/** Outcomes without which the run has proved too little. */
const REACHED = [
  'start:started',
  'start:exists',
  'load:slice',
  'load:clean',
  'load:busy',
  'commit:committed',
  'commit:repeated',
  'commit:refused',
  'claim:claimed',
  'claim:held',
  'claim:early',
  'claim:stale',
  'claim:poison',
  'claim:gone',
  'complete:stored',
  'complete:repeated',
  'complete:stale',
  'redeliver:redelivered',
  'redeliver:poison',
  'redeliver:unchanged',
  'fail:failed',
  'fail:ended',
  'record:recorded',
  'purge:purged',
  'remove:removed',
  'remove:kept',
  'remove:gone',
  'ack:acknowledged',
];

test('Redis and memory agree after every step of any history', { timeout: 120_000 }, async () => {
  // What must be reached would otherwise be left to chance; the full test goes other ways each time.
  const size = { histories: 200, steps: 30, withinMs: 100_000, seed: 20_241 };
  const tally = await runDifferential(size);
  expect(REACHED.filter((outcome) => !tally.has(outcome))).toEqual([]);
});
