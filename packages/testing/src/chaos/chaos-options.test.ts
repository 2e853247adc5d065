import { expect, test } from 'vitest';
import { parseChaosOptions } from './chaos-options.ts';

test('without arguments C1 is played in its default size', () => {
  expect(parseChaosOptions([])).toEqual({
    what: 'play',
    scenario: 'C1',
    size: 'default',
    isJson: false,
    isRecorded: false,
  });
});

test('all of them are the release gate, unless another size or time is asked for', () => {
  const gate = { scenario: null, size: 'release', forMs: 600_000 };
  expect(parseChaosOptions(['--all'])).toMatchObject(gate);
  expect(parseChaosOptions(['--all', '--minutes', '1'])).toMatchObject({ forMs: 60_000 });
  expect(parseChaosOptions(['--all', '--size', 'test'])).toMatchObject({ size: 'test' });
});

test('the release size is bounded by itself, the others are not', () => {
  const release = parseChaosOptions(['--scenario', 'R3', '--size', 'release']);
  expect(release).toMatchObject({ scenario: 'R3', forMs: 600_000 });
  expect(parseChaosOptions(['--size', 'test'])).not.toHaveProperty('forMs');
});

test('numbers are read, minutes as milliseconds', () => {
  const args = ['--scenario', 'R1', '--runs', '7', '--seed', '3', '--minutes', '0.5', '--json'];
  expect(parseChaosOptions(args)).toMatchObject({
    scenario: 'R1',
    runs: 7,
    seed: 3,
    forMs: 30_000,
    isJson: true,
  });
});

test.each([
  [['--runs', '0'], /runs/],
  [['--size', 'huge'], /size/],
  [['--minutes', '-1'], /minutes/],
  [['--unknown'], /unknown/],
  [['--all', '--scenario', 'C1'], /not both/],
])('refuses %s', (args, problem) => {
  expect(() => parseChaosOptions(args)).toThrow(problem);
});
