import { expect, test } from 'vitest';
import { type Footprint, type HeapSample, judgeSoak, type SoakEvidence } from './judge-soak.ts';

const MB = 1024 ** 2;
const before: Footprint = {
  redisBytes: 10 * MB,
  keyCount: 40,
  rssBytes: { 'worker 1': 200 * MB },
  heapBytes: { 'worker 1': 30 * MB },
};

function verdictOn(change: Partial<Footprint>, more: Partial<SoakEvidence> = {}): unknown {
  const after = { ...before, ...change };
  return judgeSoak({ before, after, samples: [], purgedKeys: [], ...more }).verdict;
}

/** A heap that grows by so many MB in each minute of ten. */
function growing(perMinute: (minute: number) => number): readonly HeapSample[] {
  let held = 30;
  return Array.from({ length: 10 }, (_, minute) => {
    held += perMinute(minute);
    return { minute, heapBytes: { 'worker 1': held * MB } };
  });
}

test('a system that is as it was is valid, a little more memory included', () => {
  expect(verdictOn({})).toBe('valid');
  const rssBytes = { 'worker 1': 250 * MB };
  const heapBytes = { 'worker 1': 34 * MB };
  expect(verdictOn({ redisBytes: 10.5 * MB, keyCount: 39, rssBytes, heapBytes })).toBe('valid');
});

test.each([
  ['one key more', { keyCount: 41 }],
  ['more memory in Redis', { redisBytes: 10.6 * MB }],
  ['a process that has grown', { rssBytes: { 'worker 1': 251 * MB } }],
  ['another process', { rssBytes: { 'worker 2': 200 * MB } }],
  ['a live heap that has grown', { heapBytes: { 'worker 1': 34.1 * MB } }],
])('finds %s', (_what, change) => {
  expect(verdictOn(change)).toBe('invalid');
});

test('finds a key of a run that was purged', () => {
  expect(verdictOn({}, { purgedKeys: ['jn:{a}:00-x:tasks'] })).toBe('invalid');
});

test('finds a live heap that still grows, and not one that has come to its plateau', () => {
  expect(verdictOn({}, { samples: growing(() => 0.6) })).toBe('invalid');
  expect(verdictOn({}, { samples: growing((minute) => (minute < 5 ? 0.6 : 0)) })).toBe('valid');
  const { heapGrowth } = judgeSoak({
    before,
    after: before,
    samples: growing(() => 0.25),
    purgedKeys: [],
  });
  expect(heapGrowth).toEqual({ 'worker 1': 0.25 * MB });
});
