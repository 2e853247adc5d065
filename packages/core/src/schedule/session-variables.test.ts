import { describe, expect, it } from 'vitest';
import { utc } from '../../test/utc.ts';
import {
  inputProblem,
  renderInput,
  SESSION_VARIABLES,
  sessionVariables,
} from './session-variables.ts';

const session = {
  schedule: 'nightly',
  zone: 'Europe/Berlin',
  sessionAt: utc('2026-03-28 23:00'),
  lastSessionAt: utc('2026-03-27 23:00'),
  nextSessionAt: utc('2026-03-29 22:00'),
  lastExecutedSessionAt: null,
};

describe('session variables', () => {
  it('are in the zone of the schedule, with the offset of the day', () => {
    expect(sessionVariables(session)).toMatchObject({
      sessionTime: '2026-03-29T00:00:00+01:00',
      sessionDate: '2026-03-29',
      sessionDateCompact: '20260329',
      sessionLocalTime: '2026-03-29 00:00:00',
      sessionTzOffset: '+0100',
      sessionUnixtime: 1_774_738_800,
      lastSessionDate: '2026-03-28',
      nextSessionTime: '2026-03-30T00:00:00+02:00',
      lastExecutedSessionTime: null,
      timezone: 'Europe/Berlin',
      schedule: 'nightly',
    });
    expect(sessionVariables({ ...session, zone: 'UTC' })['sessionTime']).toBe(
      '2026-03-28T23:00:00+00:00',
    );
    expect(
      sessionVariables({ ...session, lastExecutedSessionAt: 0 })['lastExecutedSessionTime'],
    ).toBe('1970-01-01T01:00:00+01:00');
  });

  it('all have the names that an input may read, and null where there is no session', () => {
    const none = sessionVariables({ ...session, lastSessionAt: null, nextSessionAt: null });
    expect(Object.keys(none).toSorted()).toEqual([...SESSION_VARIABLES].toSorted());
    expect([none['lastSessionTime'], none['nextSessionUnixtime']]).toEqual([null, null]);
  });

  it('fill the input of a start', () => {
    const input = { day: '${sessionDate}', text: 'for ${schedule}', literal: '$${x}', n: [1] };
    expect(inputProblem(input)).toBeNull();
    expect(renderInput(input, session)).toEqual({
      day: '2026-03-29',
      text: 'for nightly',
      literal: '${x}',
      n: [1],
    });
    expect(inputProblem({ a: '${workflow.input.x}' })).toContain('${workflow}');
  });
});
