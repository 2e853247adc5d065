import { expect, it } from 'vitest';
import { percentileOf, storeTimesOf } from './script-times.ts';

it('reads the 99th percentile of a command from INFO', () => {
  expect(percentileOf('p50=12.031,p99=88.063,p99.9=203.775')).toBe(88.063);
  expect(percentileOf('')).toBe(0);
});

it('takes from the slow log the scripts on the store’s keys', () => {
  const entries = [
    [3, 1_700_000_000, 1_500, ['evalsha', 'abc', '2', 'jn:{0e}:attention', 'jn:{0e}:x'], '', ''],
    [2, 1_700_000_000, 9_000, ['evalsha', 'def', '8', 'bull:step1:wait'], '', ''],
    [1, 1_700_000_000, 7_000, ['hgetall', 'jn:{0e}:r'], '', ''],
  ];
  expect(storeTimesOf(entries)).toEqual([1_500]);
});
