import { isJoineryError, type RunCondition, type RunField } from '@joinery/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runQueryOf } from './run-query-of.ts';

const of = (query: string): readonly RunCondition[] =>
  runQueryOf({ query, freeText: '*', sort: '' }).conditions;
const oneOf = (field: RunField, ...values: string[]): RunCondition => ({
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

function refusalOf(act: () => unknown): boolean {
  try {
    act();
  } catch (error) {
    return isJoineryError(error, 'JN_REQUEST_INVALID');
  }
  return false;
}

describe('a query of Conductor', () => {
  it.each<[string, readonly RunCondition[]]>([
    ['', []],
    ['*', []],
    ['workflowId="00-run00002"', [oneOf('runId', '00-run00002')]],
    ["workflowType = 'order'", [oneOf('definition', 'order')]],
    ['workflowType=order*', [oneOf('definition', 'order*')]],
    ['correlationId = "a AND b = c"', [oneOf('correlationId', 'a AND b = c')]],
    ['correlationId = "say \\"x\\""', [oneOf('correlationId', 'say "x"')]],
    ['status IN (FAILED, "TIMED_OUT")', [oneOf('status', 'FAILED', 'TIMED_OUT')]],
    ['status not in (FAILED)', [{ type: 'not', of: oneOf('status', 'FAILED') }]],
    ['status != FAILED', [{ type: 'not', of: oneOf('status', 'FAILED') }]],
    ['version = 02', [oneOf('definitionVersion', '2')]],
    [
      'startTime > 5 AND startTime<9',
      [between('createdAt', 6, null), between('createdAt', null, 8)],
    ],
    [
      'startTime >= 5 and endTime <= 9',
      [between('createdAt', 5, null), between('endedAt', null, 9)],
    ],
    [
      'startTime > 1.5 AND startTime < 9.5',
      [between('createdAt', 2, null), between('createdAt', null, 9)],
    ],
    [
      'updateTime BETWEEN 3 AND 7 AND status = X',
      [between('updatedAt', 3, 7), oneOf('status', 'X')],
    ],
    ['startTime > "1970-01-01T00:00:01Z"', [between('createdAt', 1_001, null)]],
    ['parentWorkflowId IS NULL', [oneOf('parentId', '')]],
    ['endTime IS NOT NULL', [{ type: 'not', of: oneOf('endedAt', '0') }]],
    ['workflowType STARTS_WITH "or"', [oneOf('definition', 'or*')]],
    ['scheduleName IN (nightly)', [{ type: 'never' }]],
  ])('%j is read', (query, expected) => {
    expect(of(query)).toEqual(expected);
  });

  it.each([
    'colour = red',
    'status',
    'status =',
    '= FAILED',
    'status = A OR status = B',
    'status = A status = B',
    'status IN (A',
    'status IN A',
    'status IN ()',
    'status LIKE A',
    'status > A',
    'startTime > soon',
    'startTime BETWEEN 1 OR 2',
    'status IS EMPTY',
    'status = "A',
    '* AND status = A',
    '! = 3',
  ])('%j is refused', (query) => {
    expect(refusalOf(() => of(query))).toBe(true);
  });

  it('is read or refused, whatever it is', () => {
    const piece = fc.constantFrom(
      'status',
      '=',
      '(',
      ')',
      ',',
      'IN',
      'AND',
      '"',
      "'",
      '*',
      '>',
      '7',
      '\\',
      ' ',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(text, (query) => {
        let isRead = true;
        const isRefused = refusalOf(() => {
          isRead = false;
          of(query);
          isRead = true;
        });
        expect(isRead || isRefused).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('free text and order', () => {
  it('are words without their stars, and a field with a direction', () => {
    const query = runQueryOf({ query: '', freeText: '*money*  left *', sort: 'startTime:ASC' });
    expect(query.words).toEqual(['money', 'left']);
    expect(query.order).toEqual({ field: 'createdAt', isDescending: false });
    expect(runQueryOf({ query: '', freeText: '', sort: '' }).order.isDescending).toBe(true);
  });
  it.each(['colour:ASC', 'status:UP', ':'])('refuses the order %j', (sort) => {
    expect(refusalOf(() => runQueryOf({ query: '', freeText: '', sort }))).toBe(true);
  });
});
