import { joineryError } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { defaultIdempotencyKeyOf, isHopeless } from './start-queue.ts';

describe('the default idempotency key', () => {
  const job = { id: '1', timestamp: 1_000, data: { name: 'order', input: { a: 1 } } };

  it('is the same for each delivery of one job', () => {
    const again: unknown = JSON.parse(JSON.stringify(job.data));
    expect(defaultIdempotencyKeyOf({ ...job, data: again })).toBe(defaultIdempotencyKeyOf(job));
  });

  it.each([{ id: '2' }, { timestamp: 1_001 }, { data: { name: 'order' } }])(
    'differs with %j',
    (other) => {
      expect(defaultIdempotencyKeyOf({ ...job, ...other })).not.toBe(defaultIdempotencyKeyOf(job));
    },
  );
});

describe('a failed start', () => {
  const invalid = joineryError('JN_REQUEST_INVALID', { what: 'request', problem: 'no name' });
  const unknown = joineryError('JN_DEF_NOT_FOUND', { name: 'a', version: 1 });
  const exists = joineryError('JN_RUN_EXISTS', { name: 'a', key: 'k', runId: 'r' });
  const away = joineryError('JN_REDIS_UNAVAILABLE', { address: 'a', operation: 'b', waitedMs: 1 });
  const defect = joineryError('JN_INVARIANT_BROKEN', { what: 'a', problem: 'b' });

  it.each([invalid, unknown, exists])('is refused at once for $code', (error) => {
    expect(isHopeless(error, 1)).toBe(true);
  });

  it('is tried for ever while the store is away', () => {
    expect(isHopeless(away, 1_000)).toBe(false);
  });

  it.each([defect, new Error('a bug')])('is tried 20 times for %s', (error) => {
    expect([1, 19, 20].map((count) => isHopeless(error, count))).toEqual([false, false, true]);
  });
});
