import { expect, test } from 'vitest';
import { createFaultLog } from './fault-log.ts';

test('faults are noted with whether they hit, and not at all when they failed', async () => {
  const log = createFaultLog();
  await log.inject('hit', async () => true);
  await log.inject('missed', async () => false);
  await expect(log.inject('failed', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(log.faults.map(({ what, isEffective }) => [what, isEffective])).toEqual([
    ['hit', true],
    ['missed', false],
  ]);
});

test('an outage is noted when it ends, however it ends', async () => {
  const log = createFaultLog();
  expect(await log.outage(async () => log.outages.length)).toBe(0);
  await expect(log.outage(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(log.outages).toHaveLength(2);
  expect(log.outages.every(({ from, until }) => from <= until)).toBe(true);
});

test('figures add up', () => {
  const log = createFaultLog();
  log.count('bytes', 2);
  log.count('bytes', 3);
  expect(log.figures).toEqual({ bytes: 5 });
});
