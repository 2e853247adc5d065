import { expect, test } from 'vitest';
import { renderSoakPage } from './soak-page.ts';

const MB = 1024 ** 2;
const before = { redisBytes: 10 * MB, keyCount: 40, rssBytes: { 'worker 1': 200 * MB } };
const soak = {
  at: '2026-01-02T03:04:05.000Z',
  minutes: 10,
  machine: { cores: 2, loadBefore: 1, node: 'v20', redis: '7.0' },
  verdict: 'invalid' as const,
  reasons: ['41 keys at the end, 40 at rest before'],
  runs: 1_234,
  seconds: 700,
  before,
  after: { ...before, keyCount: 41 },
};

test('tells what was held before and after, and why a soak is not valid', () => {
  const page = renderSoakPage(soak);
  expect(page).toContain('| keys | 40 | 41 |');
  expect(page).toContain('| worker 1 | 200.0 | 200.0 |');
  expect(page).toContain(
    'invalid: 1234 runs in 10 min of load (700 s in all), 2026-01-02 03:04 UTC',
  );
  expect(page).toContain('- 41 keys at the end, 40 at rest before');
});
