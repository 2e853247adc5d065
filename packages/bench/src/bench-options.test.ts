import { describe, expect, it } from 'vitest';
import { parseOptions, USAGE } from './bench-options.ts';

describe('parseOptions', () => {
  it('measures both workloads in five rounds by default', () => {
    expect(parseOptions([])).toMatchObject({
      workloads: ['W1', 'W2'],
      rounds: 5,
      loopMs: 5_000,
      warmUpMs: 3_000,
      services: [['worker'], ['coordinator', 'scheduler', 'sweeper']],
      isJson: false,
      isScripts: false,
    });
  });

  it('takes what it is given', () => {
    const args = ['--workload', 'W2', '--rounds', '7', '--seconds', '0.5', '--json'];
    expect(parseOptions([...args, '--services', 'worker/coordinator', '--profile', 'out'])).toEqual(
      {
        workloads: ['W2'],
        rounds: 7,
        loopMs: 500,
        warmUpMs: 3_000,
        inflight: 64,
        pendingCount: 500,
        idleCount: 100,
        services: [['worker', 'coordinator']],
        isJson: true,
        isScripts: false,
        profileDir: 'out',
      },
    );
  });

  it.each([
    ['--workload', 'W9', 'W1'],
    ['--rounds', '0', 'rounds'],
    ['--rounds', 'many', 'rounds'],
    ['--services', 'worker,cook', 'sweeper'],
    ['--round', '5', '--round'],
  ])('refuses %s %s', (name, value, problem) => {
    expect(() => parseOptions([name, value])).toThrow(problem);
  });

  it('answers a wish for help with nothing to do, and the help names every option', () => {
    expect(parseOptions(['--help'])).toBeNull();
    const names = [
      'workload',
      'rounds',
      'seconds',
      'warm-up',
      'inflight',
      'pending',
      'idle',
      'services',
    ];
    for (const name of [...names, 'scripts', 'profile', 'json'])
      expect(USAGE).toContain(`--${name}`);
  });
});
