import { expect, test } from 'vitest';
import { type Footprint, judgeSoak } from './judge-soak.ts';

const MB = 1024 ** 2;
const before: Footprint = { redisBytes: 10 * MB, keyCount: 40, rssBytes: { 'worker 1': 200 * MB } };

function verdictOn(change: Partial<Footprint>, purgedKeys: readonly string[] = []): unknown {
  return judgeSoak({ before, after: { ...before, ...change }, purgedKeys }).verdict;
}

test('a system that is as it was is valid, a little more memory included', () => {
  expect(verdictOn({})).toBe('valid');
  const rssBytes = { 'worker 1': 250 * MB };
  expect(verdictOn({ redisBytes: 10.5 * MB, keyCount: 39, rssBytes })).toBe('valid');
});

test.each([
  ['one key more', { keyCount: 41 }],
  ['more memory in Redis', { redisBytes: 10.6 * MB }],
  ['a process that has grown', { rssBytes: { 'worker 1': 251 * MB } }],
  ['another process', { rssBytes: { 'worker 2': 200 * MB } }],
])('finds %s', (_what, change) => {
  expect(verdictOn(change)).toBe('invalid');
});

test('finds a key of a run that was purged', () => {
  expect(verdictOn({}, ['jn:{a}:00-x:tasks'])).toBe('invalid');
});
