import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runIdOf } from '../run/ids.ts';
import type { RunEntry } from './run-entry.ts';
import { compareRuns, matchesRun, type RunCondition, type RunField } from './run-query.ts';

const entry: RunEntry = {
  runId: runIdOf(3, 'abcdefgh'),
  definition: 'order_big',
  definitionVersion: 2,
  status: 'FAILED',
  correlationId: 'Customer-7',
  idempotencyKey: 'k',
  parentId: '',
  priority: 5,
  createdAt: 1_000,
  updatedAt: 2_000,
  endedAt: 2_000,
  reason: 'No money left',
};

const one = (field: RunField, ...values: string[]): RunCondition => ({
  type: 'one-of',
  field,
  values,
});
const between = (field: RunField, from: number | null, to: number | null): RunCondition => ({
  type: 'between',
  field,
  from,
  to,
});

describe('a run is found', () => {
  it.each<[RunCondition, boolean]>([
    [one('status', 'RUNNING', 'FAILED'), true],
    [one('status', 'RUNNING'), false],
    [one('definition', 'order*'), true],
    [one('definition', 'order'), false],
    [one('definition', '*'), true],
    [one('definitionVersion', '2'), true],
    [between('createdAt', 1_000, 1_000), true],
    [between('createdAt', 1_001, null), false],
    [between('createdAt', null, 999), false],
    [between('priority', null, null), true],
    [{ type: 'not', of: one('status', 'FAILED') }, false],
    [{ type: 'not', of: one('parentId', '') }, false],
    [{ type: 'never' }, false],
  ])('by %j: %s', (condition, expected) => {
    expect(matchesRun(entry, { conditions: [condition], words: [] })).toBe(expected);
  });

  it('only when all conditions hold and each word stands somewhere, whatever its case', () => {
    const conditions = [one('status', 'FAILED')];
    expect(matchesRun(entry, { conditions, words: ['MONEY', 'customer'] })).toBe(true);
    expect(matchesRun(entry, { conditions, words: ['money', 'nobody'] })).toBe(false);
    expect(matchesRun(entry, { conditions: [...conditions, { type: 'never' }], words: [] })).toBe(
      false,
    );
  });
});

describe('the order of runs', () => {
  const arbitrary = fc
    .record({ n: fc.nat(3), id: fc.integer({ min: 10_000_000, max: 10_000_009 }) })
    .map(({ n, id }) => Object.assign({}, entry, { createdAt: n, runId: runIdOf(0, String(id)) }));
  const field = fc.constantFrom<RunField>('createdAt', 'runId', 'definition');

  it('is total, and the other way round it is the reverse', () => {
    fc.assert(
      fc.property(fc.array(arbitrary), field, (entries, by) => {
        const sortedBy = (isDescending: boolean): readonly RunEntry[] =>
          entries.toSorted((a, b) => compareRuns(a, b, { field: by, isDescending }));
        expect(sortedBy(true).map(({ runId }) => runId)).toEqual(
          sortedBy(false)
            .map(({ runId }) => runId)
            .toReversed(),
        );
        const numbers = sortedBy(false).map(({ createdAt }) => createdAt);
        const inOrder = numbers.toSorted((a, b) => a - b);
        expect(by === 'createdAt' ? numbers : inOrder).toEqual(inOrder);
      }),
    );
  });
});
