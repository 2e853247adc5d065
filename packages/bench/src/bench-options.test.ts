import { describe, expect, it } from 'vitest';
import { OPTION_NAMES, parseOptions, USAGE } from './bench-options.ts';

describe('parseOptions', () => {
  it('measures everything in five rounds by default, each workload with its own load', () => {
    expect(parseOptions([])).toEqual({
      mode: 'rounds',
      workloads: ['W1', 'W2', 'W3', 'W4', 'rawJob'],
      branches: 1_000,
      rounds: 5,
      loopMs: 5_000,
      warmUpMs: 3_000,
      warmUpTasks: 5_000,
      sweepMs: 1_000,
      load: {},
      services: [['worker'], ['coordinator', 'scheduler', 'sweeper']],
      idleRunCount: 0,
      settleMs: 90_000,
      iterationCount: 0,
      clusterSizes: [],
      isJson: false,
      isWritingDocs: false,
    });
  });

  it('takes what it is given', () => {
    const args = [
      '--workload',
      'W2,W3',
      '--rounds',
      '7',
      '--seconds',
      '0.5',
      '--json',
      '--scripts',
    ];
    const more = ['--idle', '3', '--sweep', '0', '--branches', '10000', '--profile', 'out'];
    const given = parseOptions([...args, ...more, '--services', 'worker/coordinator']);
    expect(given).toMatchObject({
      mode: 'scripts',
      workloads: ['W2', 'W3'],
      branches: 10_000,
      rounds: 7,
      loopMs: 500,
      sweepMs: 0,
      load: { idleCount: 3 },
      services: [['worker', 'coordinator']],
      isJson: true,
      profileDir: 'out',
    });
  });

  it.each([
    ['--workload', 'W9', 'W1'],
    ['--rounds', '0', 'rounds'],
    ['--rounds', 'many', 'rounds'],
    ['--services', 'worker,cook', 'sweeper'],
    ['--cluster', '3,0', 'cluster'],
    ['--round', '5', '--round'],
  ])('refuses %s %s', (name, value, problem) => {
    expect(() => parseOptions([name, value])).toThrow(problem);
  });

  it('does one thing at a time', () => {
    expect(parseOptions(['--idle-runs', '5'])).toMatchObject({
      mode: 'idle-runs',
      idleRunCount: 5,
    });
    expect(() => parseOptions(['--idle-runs', '5', '--starts'])).toThrow('one at a time');
  });

  it('answers a wish for help with nothing to do, and the help names every option', () => {
    expect(parseOptions(['--help'])).toBeNull();
    const names = [...USAGE.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
    expect(names.toSorted()).toEqual(OPTION_NAMES.filter((name) => name !== 'help').toSorted());
  });
});
