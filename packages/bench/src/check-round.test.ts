import { expect, it } from 'vitest';
import { checkRound, InvalidRound } from './check-round.ts';

const verified = { startedCount: 3, verifiedCount: 3 };
const facts = [
  { lockDriver: 'redlock, fused', warningCount: 0 },
  { lockDriver: null, warningCount: 0 },
];

it('accepts a round whose workflows were all checked under the default lock driver', () => {
  expect(() => checkRound(verified, facts)).not.toThrow();
});

it.each([
  ['a workflow that was not checked', { startedCount: 3, verifiedCount: 2 }, facts],
  ['no workflow at all', { startedCount: 0, verifiedCount: 0 }, facts],
  ['another lock driver', verified, [{ lockDriver: 'another', warningCount: 0 }]],
])('refuses a round with %s', (_what, counts, said) => {
  expect(() => checkRound(counts, said)).toThrow(InvalidRound);
});
