import { expect, it } from 'vitest';
import { documentedInvariants, expectInvariants } from '../../test/expect-invariants.ts';
import { INVARIANTS } from '../../test/invariant-checker.ts';

// A share of the hundred thousand sequences; `test/random-runs-*.full.test.ts` play the others.
expectInvariants(
  { definitions: 48, runsEach: 72, wideRuns: 30, seed: 20_260 },
  { sequences: 2_800, checks: 300 },
);

it('every invariant in the head of decide.ts has a test, and none is tested that is not there', () => {
  expect(documentedInvariants()).toEqual([...INVARIANTS]);
});
