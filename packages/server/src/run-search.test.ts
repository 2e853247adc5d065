import { type ListedRun } from '@joinery/contract';
import { isJoineryError, runIdOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { searchRuns } from './run-search.ts';

const runOf = (n: number, more: Partial<ListedRun> = {}): ListedRun => ({
  runId: runIdOf(0, `run0000${n}`),
  definition: 'order',
  version: 1,
  status: 'RUNNING',
  createdAt: n,
  endedAt: 0,
  reason: '',
  ...more,
});

const runs = [
  runOf(3),
  runOf(2, { definition: 'order_big', version: 2, status: 'FAILED', reason: 'No Money' }),
  runOf(1, { status: 'COMPLETED' }),
];

function found(query: string, more: { freeText?: string; sort?: string } = {}): readonly number[] {
  const search = { query, freeText: '*', sort: '', ...more };
  return searchRuns(runs, search).map(({ createdAt }) => createdAt);
}

describe('a search', () => {
  it.each([
    ['', [3, 2, 1]],
    ['*', [3, 2, 1]],
    ['workflowId="00-run00002"', [2]],
    ["workflowType = 'order'", [3, 1]],
    ['workflowType=order*', [3, 2, 1]],
    ['status IN (FAILED, COMPLETED)', [2, 1]],
    ['status IN ("FAILED",\'COMPLETED\') AND version = 2', [2]],
    ['startTime > 1 AND startTime < 3', [2]],
    ['scheduleName IN (nightly)', []],
  ])('finds by %j', (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  it('finds by free text, whatever its case', () => {
    expect(found('', { freeText: 'money' })).toEqual([2]);
  });

  it('sorts by a field both ways', () => {
    expect(found('', { sort: 'startTime:ASC' })).toEqual([1, 2, 3]);
    expect(found('', { sort: 'version:DESC' })).toEqual([2, 3, 1]);
  });

  it.each([
    ['colour = red', ''],
    ['status', ''],
    ['startTime > soon', ''],
    ['status = A OR status = B', ''],
    ['', 'colour:ASC'],
    ['', 'status:UP'],
  ])('refuses %j sorted by %j', (query, sort) => {
    let error: unknown;
    try {
      found(query, { sort });
    } catch (thrown) {
      error = thrown;
    }
    expect(isJoineryError(error, 'JN_REQUEST_INVALID')).toBe(true);
  });
});
