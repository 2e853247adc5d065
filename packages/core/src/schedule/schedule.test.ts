import { describe, expect, it } from 'vitest';
import { parseSchedule } from './schedule.ts';

const base = { name: 'nightly', workflow: { name: 'report' } };

describe('a schedule', () => {
  it('has defaults for all but its name, its workflow and its time', () => {
    expect(parseSchedule({ ...base, cron: '0 3 * * *' })).toEqual({
      name: 'nightly',
      description: '',
      start: { name: 'report', input: {} },
      timing: { cron: [{ cron: '0 3 * * *' }] },
      triggers: [{ cron: '0 3 * * *', zone: 'UTC' }],
      zone: 'UTC',
      windowFrom: null,
      windowTo: null,
      jitterMs: 0,
      skipOnOvertime: false,
      skipDelayedByMs: 0,
      missed: 'latest',
      maxConcurrentRuns: 0,
    });
  });

  it('reads durations, zones of single patterns, and what the run starts with', () => {
    const schedule = parseSchedule({
      ...base,
      workflow: { name: 'report', version: 2, input: { day: '${sessionDate}' }, priority: 5 },
      cron: [{ cron: '0 3 * * *' }, { cron: '0 4 * * *', zone: 'Asia/Tokyo' }],
      zone: 'Europe/Paris',
      jitter: '90s',
      skipDelayedBy: '2h',
    });
    expect(schedule).toMatchObject({
      start: { version: 2, input: { day: '${sessionDate}' }, priority: 5 },
      triggers: [
        { cron: '0 3 * * *', zone: 'Europe/Paris' },
        { cron: '0 4 * * *', zone: 'Asia/Tokyo' },
      ],
      jitterMs: 90_000,
      skipDelayedByMs: 7_200_000,
    });
    expect(parseSchedule({ ...base, interval: '5m', from: 7 }).triggers).toEqual([
      { everyMs: 300_000, anchorAt: 7 },
    ]);
    expect(parseSchedule({ ...base, daily: '07:00:00' })).toMatchObject({
      timing: { daily: '07:00:00' },
      triggers: [{ cron: '0 0 7 * * *', periodCron: '0 0 0 * * *' }],
    });
  });

  it.each([
    [{ name: 'a b', cron: '* * * * *' }, 'name'],
    [{}, 'names nothing'],
    [{ cron: '* * * * *', daily: '07:00:00' }, 'daily and cron'],
    [{ daily: '07:00:00', weekly: 'Mon,07:00:00' }, 'daily and weekly'],
    [{ daily: '7h' }, '07:00:00'],
    [{ cron: '* * *' }, 'five or six fields'],
    [{ cron: '* * * * *', zone: 'Mars' }, 'zone Mars'],
    [{ cron: [{ cron: '* * * * *', zone: 'Mars' }] }, 'Mars'],
    [{ cron: Array.from({ length: 21 }, () => ({ cron: '* * * * *' })) }, 'more than 20'],
    [{ interval: '10ms' }, 'interval'],
    [{ interval: '400d' }, 'interval'],
    [{ cron: [] }, 'expected a pattern'],
    [{ interval: 500 }, 'interval'],
    [{ cron: '* * * * *', from: 2, to: 1 }, 'ends before it begins'],
    [{ cron: '* * * * *', jitter: '2d' }, 'jitter'],
    [{ cron: '* * * * *', missedRuns: 'some' }, 'missedRuns'],
    [{ cron: '* * * * *', maxConcurrentRuns: 101 }, 'maxConcurrentRuns'],
    [{ cron: '* * * * *', maxRuns: 1 }, 'maxRuns'],
    [{ cron: '* * * * *', workflow: { name: ' ' } }, 'workflow.name'],
    [{ cron: '* * * * *', workflow: { name: 'a', input: { x: '${t.output}' } } }, '${t}'],
    [{ cron: '* * * * *', workflow: { name: 'a', input: { x: '${' } } }, 'workflow.input.x'],
  ])('is refused with %j', (fields, problem) => {
    const parse = () => parseSchedule({ ...base, ...fields });
    expect(parse).toThrow(expect.objectContaining({ code: 'JN_SCHEDULE_INVALID' }));
    expect(parse).toThrow(problem);
  });

  it('is refused when it is no object', () => {
    for (const json of [null, 7, 'x', [], undefined]) {
      expect(() => parseSchedule(json)).toThrow(
        expect.objectContaining({ code: 'JN_SCHEDULE_INVALID' }),
      );
    }
  });
});
