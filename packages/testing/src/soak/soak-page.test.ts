import { expect, test } from 'vitest';
import { renderSoakPage } from './soak-page.ts';

const MB = 1024 ** 2;
const before = {
  redisBytes: 10 * MB,
  keyCount: 40,
  rssBytes: { 'worker 1': 200 * MB },
  heapBytes: { 'worker 1': 30 * MB },
};
const soak = {
  at: '2026-01-02T03:04:05.000Z',
  minutes: 10,
  machine: { cores: 2, loadBefore: 1, node: 'v20', redis: '7.0' },
  verdict: 'invalid' as const,
  reasons: ['41 keys at the end, 40 at rest before'],
  runs: 1_234,
  seconds: 700,
  warmUpSeconds: 120,
  heapGrowth: { 'worker 1': 0.125 * MB },
  before,
  after: { ...before, keyCount: 41 },
};

test('tells what was held before and after, and why a soak is not valid', () => {
  const page = renderSoakPage(soak);
  expect(page).toContain('| keys | 40 | 41 |');
  expect(page).toContain('| worker 1 | 200.00 | 200.00 | 30.00 | 30.00 | 0.13 |');
  expect(page).toContain(
    'invalid: 1234 runs in 10 min of load after 120 s of warm-up (700 s in all), 2026-01-02 03:04 UTC',
  );
  expect(page).toContain('- 41 keys at the end, 40 at rest before');
});
