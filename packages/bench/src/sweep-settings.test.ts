import { expect, it } from 'vitest';
import { settingsToTry } from './sweep-settings.ts';

it('tries the same for every subject: four concurrencies, one process and two; for BullMQ also both ways with done jobs', () => {
  const [ours, theirs] = [settingsToTry('joinery'), settingsToTry('bullmq-flow')];
  expect([ours.length, theirs.length]).toEqual([8, 16]);
  for (const setting of ours) expect(theirs).toContainEqual(setting);
  expect(new Set(theirs.map(({ concurrency }) => concurrency))).toEqual(new Set([1, 10, 50, 100]));
});
