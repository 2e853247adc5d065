import { expect, test } from 'vitest';
import { emptyOutcome } from './empty-outcome.ts';
import { mergeOutcomes } from './merge-outcomes.ts';

test('counts add up, times are the longest, and the verdict is the worst', () => {
  const valid = { ...emptyOutcome('valid', []), runs: 3, maxStuckMs: 40, figures: { cut: 2 } };
  const invalid = {
    ...emptyOutcome('invalid', ['because']),
    runs: 4,
    maxStuckMs: 10,
    figures: { cut: 5, other: 1 },
  };
  const merged = mergeOutcomes([valid, invalid, valid]);
  expect(merged).toMatchObject({ runs: 10, maxStuckMs: 40, verdict: 'invalid' });
  expect(merged.figures).toEqual({ cut: 9, other: 1 });
  expect(merged.reasons).toEqual(['because']);
  expect(mergeOutcomes([valid, emptyOutcome('unknown', [])]).verdict).toBe('unknown');
  expect(mergeOutcomes([valid, valid]).verdict).toBe('valid');
});

test('nothing played is nothing known', () => {
  expect(mergeOutcomes([]).verdict).toBe('unknown');
});
