import { expect, it } from 'vitest';
import { createDeafWatch, type Sighting } from './deaf-watch.ts';

const could: Omit<Sighting, 'atMs'> = { waiting: 1, isFull: false, takenCount: 5 };

it('a worker that takes nothing although it could is silent since the first such sighting', () => {
  const watch = createDeafWatch();
  expect([10, 20, 35].map((atMs) => watch.silentMs({ ...could, atMs }))).toEqual([0, 10, 25]);
});

it.each<[string, Partial<Sighting>]>([
  ['nothing waits', { waiting: 0 }],
  ['it has no room', { isFull: true }],
  ['it has taken a job', { takenCount: 6 }],
])('a worker is not silent when %s, and the count begins anew', (_reason, seen) => {
  const watch = createDeafWatch();
  watch.silentMs({ ...could, atMs: 10 });
  expect(watch.silentMs({ ...could, ...seen, atMs: 20 })).toBe(0);
  watch.silentMs({ ...could, takenCount: seen.takenCount ?? 5, atMs: 30 });
  expect(
    watch.silentMs({ ...could, takenCount: seen.takenCount ?? 5, atMs: 40 }),
  ).toBeLessThanOrEqual(20);
});

it('a reset begins anew', () => {
  const watch = createDeafWatch();
  watch.silentMs({ ...could, atMs: 10 });
  watch.reset();
  expect(watch.silentMs({ ...could, atMs: 20 })).toBe(0);
});
