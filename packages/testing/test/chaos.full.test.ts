import { afterAll, beforeAll, expect, test } from 'vitest';
import { SCENARIOS } from '../src/chaos/all-scenarios.ts';
import { type BundledEntry } from '../src/chaos/bundle-entry.ts';
import { bundleRole } from '../src/chaos/process-fleet.ts';
import { underLoad } from '../src/chaos/under-load.ts';
import { play, VALID } from './chaos.fixture.ts';

/** What three minutes have room for: each kind of fault once. `npm run chaos -- --all` plays all of them. */
const PLAYED = new Set([
  'C9',
  'C10',
  'R3',
  'R8',
  'R10',
  'R11',
  'N2',
  'N4',
  'K1',
  'K2',
  'K7',
  'T1',
  'T2',
  'T4',
  'L2',
  'D4',
  'D5',
  'D6',
  'D7',
]);

/** Where writes are lost, acknowledged starts may be among them; what is left must be sound. */
const LOSSY = new Set(['R3', 'R8']);

let bundle: BundledEntry;
beforeAll(async () => {
  bundle = await bundleRole();
});
afterAll(() => bundle[Symbol.asyncDispose]());

const played = SCENARIOS.filter(({ id }) => PLAYED.has(id));

test.for(played.map(({ id, title }) => [id, title] as const))('%s: %s', async ([id], { skip }) => {
  const report = await play(id, bundle);
  if (report.verdict === 'skipped') skip(report.reasons.join(', '));
  expect(report).toMatchObject(LOSSY.has(id) ? { ...VALID, lost: report.lost } : VALID);
});

test('C2: 60 runs, and three kills at each place', async () => {
  const report = await play('C2', bundle, 60);
  expect(report).toMatchObject(VALID);
  expect(report.faultsEffective).toBeGreaterThanOrEqual(21);
});

test('a performance whose faults miss, whose marks are not hit, or after which a process is deaf, is invalid', async () => {
  const report = await underLoad({
    faultName: 'a sweeper stands still for ever',
    everyMs: 100,
    fault: async ({ fleet }) => {
      for (const sweeper of fleet.members('sweeper')) sweeper.pause();
      return false;
    },
    marks: ['commit repeated'],
  })({ runs: 5, faults: 1, seed: 1, say: () => undefined, bundle });
  expect(report).toMatchObject({ verdict: 'invalid', invariantBreaks: 0, lost: 0 });
  expect(report.reasons).toEqual([
    expect.stringMatching(/^sweeper \d+ did nothing after the last fault$/),
    '0 of 1 faults hit something',
    'never happened: commit repeated',
  ]);
});
