import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utc } from '../../test/utc.ts';
import { isoMoment } from './iso-moment.ts';
import { PERIODS, type Period, periodTrigger } from './period.ts';
import { cronProblem, firingAfter, firingBefore, type Trigger } from './trigger.ts';

const berlin = (cron: string): Trigger => ({ cron, zone: 'Europe/Berlin' });

/** The next moments as texts. */
function following(trigger: Trigger, from: string, count: number): readonly string[] {
  const found: string[] = [];
  let after = utc(from);
  while (found.length < count) {
    const firing = firingAfter([trigger], after);
    if (firing === null) break;
    found.push(isoMoment(firing.plannedAt));
    after = firing.plannedAt;
  }
  return found;
}

describe('a cron trigger', () => {
  it('has five fields, or six with the seconds first', () => {
    const zone = 'UTC';
    expect(following({ cron: '*/20 6 * * *', zone }, '2026-01-01T05:00:00Z', 4)).toEqual([
      '2026-01-01T06:00:00Z',
      '2026-01-01T06:20:00Z',
      '2026-01-01T06:40:00Z',
      '2026-01-02T06:00:00Z',
    ]);
    expect(following({ cron: '15 0 12 ? * MON', zone }, '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-30T12:00:15Z',
      '2026-04-06T12:00:15Z',
    ]);
  });

  it('fires at the end of the gap when its fixed time is in it, and on the day after at its time', () => {
    expect(following(berlin('30 2 * * *'), '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
    ]);
  });

  it('fires once, the first time, when its fixed time comes twice', () => {
    expect(following(berlin('30 2 * * *'), '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
  });

  it('goes on in real time through both changes when it has a step', () => {
    const everyHalfHour = berlin('*/30 * * * *');
    for (const from of ['2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z']) {
      const moments = following(everyHalfHour, from, 6).map(utc);
      expect(moments.map((moment) => (moment - utc(from)) / 1_800_000)).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it('knows leap days, and that some days never come', () => {
    expect(following({ cron: '0 0 29 2 *', zone: 'UTC' }, '2026-01-01T00:00:00Z', 1)).toEqual([
      '2028-02-29T00:00:00Z',
    ]);
    expect(firingAfter([{ cron: '0 0 31 2 *', zone: 'UTC' }], 0)).toBeNull();
  });

  it.each([
    '',
    '* * * *',
    '* * * * * * *',
    '61 * * * *',
    'a b c d e',
    '2026-01-01T00:00:00',
    '@daily',
  ])('is refused when it is written as %j', (pattern) => {
    expect(cronProblem(pattern, 'UTC')).toEqual(expect.any(String));
  });

  it('is refused in a zone that does not exist', () => {
    expect(cronProblem('* * * * *', 'Mars/Olympus')).toContain('Mars/Olympus');
    expect(cronProblem('* * * * *', 'Asia/Kathmandu')).toBeNull();
  });
});

describe('an interval', () => {
  const trigger: Trigger = { everyMs: 90_000, anchorAt: 1_000 };
  it('begins at its anchor, and its moments follow from it alone', () => {
    expect(firingAfter([trigger], -5)?.plannedAt).toBe(1_000);
    expect(firingAfter([trigger], 1_000)?.plannedAt).toBe(91_000);
    expect(firingBefore([trigger], 91_000)?.plannedAt).toBe(1_000);
    expect(firingBefore([trigger], 91_001)?.plannedAt).toBe(91_000);
    expect(firingBefore([trigger], 1_000)).toBeNull();
  });
});

/** Session and moment of the firing that follows. */
function session(period: Period, text: string, after: string) {
  const trigger = periodTrigger(period, text, 'Europe/Berlin');
  const firing = trigger && firingAfter([trigger], utc(after));
  return firing && [firing.sessionAt, firing.plannedAt].map(isoMoment);
}

describe('periods', () => {
  it('have the begin of the hour or day as their session', () => {
    expect(session('hourly', '05:30', '2026-06-01T10:10:00Z')).toEqual([
      '2026-06-01T11:00:00Z',
      '2026-06-01T11:05:30Z',
    ]);
    expect(session('daily', '07:00:00', '2026-06-01T10:00:00Z')).toEqual([
      '2026-06-01T22:00:00Z',
      '2026-06-02T05:00:00Z',
    ]);
    expect(session('daily', '00:00:00', '2026-06-01T10:00:00Z')).toEqual([
      '2026-06-01T22:00:00Z',
      '2026-06-01T22:00:00Z',
    ]);
    expect(session('weekly', 'Sat,09:00:00', '2026-06-01T10:00:00Z')).toEqual([
      '2026-06-05T22:00:00Z',
      '2026-06-06T07:00:00Z',
    ]);
    expect(session('monthly', '31,00:30:00', '2026-06-01T10:00:00Z')).toEqual([
      '2026-07-30T22:00:00Z',
      '2026-07-30T22:30:00Z',
    ]);
  });
  it('are refused when they are written in another way', () => {
    for (const text of ['7:00', '24:00:00', '1,1:00:00', 'Foo,01:00:00', '32,00:00:00', '']) {
      for (const period of PERIODS) expect(periodTrigger(period, text, 'UTC')).toBeNull();
    }
  });
});

const triggers = fc.oneof(
  fc.constantFrom(
    ...['*/7 * * * *', '30 2 * * *', '0 0 1 * *', '*/13 * * * * *', '15 3 * * MON-FRI'].map(berlin),
  ),
  fc.record({ everyMs: fc.integer({ min: 1_000, max: 10 ** 8 }), anchorAt: fc.nat(10 ** 12) }),
  fc.constantFrom(
    ...['00:00:00', '02:30:00', '23:59:59'].flatMap(
      (text) => periodTrigger('daily', text, 'Europe/Berlin') ?? [],
    ),
  ),
);
const moments = fc.integer({ min: utc('2024-01-01'), max: utc('2030-01-01') });

describe('firings', () => {
  it('come strictly after the moment, and nothing lies between it and them', () => {
    fc.assert(
      fc.property(fc.array(triggers, { minLength: 1, maxLength: 3 }), moments, (list, moment) => {
        const next = firingAfter(list, moment);
        if (next === null) throw new Error('every one of these fires again');
        expect(next.plannedAt).toBeGreaterThan(moment);
        expect(next.sessionAt).toBeLessThanOrEqual(next.plannedAt);
        // Seen from it, the one before is not after the moment; and there and back again is the same.
        expect(firingBefore(list, next.plannedAt)?.plannedAt ?? 0).toBeLessThanOrEqual(moment);
        expect(firingBefore(list, next.plannedAt + 1)).toEqual(next);
      }),
    );
  });
});
